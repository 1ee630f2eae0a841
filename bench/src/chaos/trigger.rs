//! Database triggers that pause transactions, roll them back, and assign positions too early. The gateway itself is
//! unchanged.
//!
//! A transaction pauses at the first row that it writes, long before it increments the counter of the log, so that
//! transactions overlap. Half of the rollbacks happen at the same point, half at the commit, after the counter was
//! incremented.

use super::settings::Settings;
use crate::under_test::Kind;

/// Number of positions that a transaction reserves when positions are assigned too early. No transaction causes more
/// events.
const BLOCK: i64 = 16;

/// Returns the statements that install the triggers. `position` is the end of the log.
pub fn install(settings: &Settings, position: i64) -> String {
    match settings.under_test.database {
        Kind::Sqlite => sqlite(settings),
        Kind::Postgres => {
            let mut sql = postgres(settings);
            if settings.mistake {
                sql.push_str(&mistake(position));
            }
            sql
        }
    }
}

/// Number of transactions that were rolled back. A sequence counts them, because a rollback does not reset it.
/// PostgreSQL only.
pub const ROLLED_BACK: &str = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM chaos_rollback";

fn postgres(settings: &Settings) -> String {
    let pause = settings.pause.as_secs_f64();
    let share = f64::from(settings.rollbacks) / 200.0;
    let early = if settings.mistake {
        "PERFORM set_config('chaos.next', nextval('chaos_position')::text, true);"
    } else {
        ""
    };
    format!(
        "
CREATE SEQUENCE chaos_rollback;
CREATE FUNCTION chaos_work() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('chaos.met', true) IS DISTINCT FROM 'yes' THEN
    PERFORM set_config('chaos.met', 'yes', true);
    {early}
    PERFORM pg_sleep(random() * {pause});
    IF random() < {share} THEN
      PERFORM nextval('chaos_rollback');
      -- The gateway tries again after one of these, and gives up after the other.
      RAISE EXCEPTION 'chaos' USING ERRCODE = CASE WHEN random() < 0.5 THEN '40001' ELSE 'P0001' END;
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION chaos_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('chaos.ended', true) IS DISTINCT FROM 'yes' THEN
    PERFORM set_config('chaos.ended', 'yes', true);
    IF random() < {share} THEN
      PERFORM nextval('chaos_rollback');
      RAISE EXCEPTION 'chaos';
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER chaos_message BEFORE INSERT OR UPDATE ON message FOR EACH ROW EXECUTE FUNCTION chaos_work();
CREATE TRIGGER chaos_ticket BEFORE INSERT OR UPDATE ON ticket FOR EACH ROW EXECUTE FUNCTION chaos_work();
CREATE CONSTRAINT TRIGGER chaos_end AFTER INSERT ON change DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION chaos_end();
"
    )
}

/// Simulates a gateway that assigns positions at the start of a transaction. The counter, which readers use as the
/// end of the log, stays at the highest committed position.
fn mistake(position: i64) -> String {
    let start = position + 1;
    format!(
        "
CREATE SEQUENCE chaos_position INCREMENT {BLOCK} START {start};
CREATE FUNCTION chaos_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  taken text := current_setting('chaos.next', true);
BEGIN
  IF taken IS NULL OR taken = '' THEN
    taken := nextval('chaos_position')::text;
    PERFORM set_config('chaos.next', taken, true);
  END IF;
  NEW.position := greatest(OLD.position, taken::bigint + (NEW.position - OLD.position) - 1);
  RETURN NEW;
END $$;
CREATE FUNCTION chaos_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.position := current_setting('chaos.next')::bigint;
  PERFORM set_config('chaos.next', (NEW.position + 1)::text, true);
  RETURN NEW;
END $$;
CREATE TRIGGER chaos_count BEFORE UPDATE ON change_counter FOR EACH ROW EXECUTE FUNCTION chaos_count();
CREATE TRIGGER chaos_place BEFORE INSERT ON change FOR EACH ROW EXECUTE FUNCTION chaos_place();
"
    )
}

/// No pauses, because SQLite has one writer at a time. A new message also updates the ticket's row, but not its
/// subject.
fn sqlite(settings: &Settings) -> String {
    let share = settings.rollbacks * 5;
    let chance = format!("abs(random() % 1000) < {share}");
    let ends = |names: &str| format!("AFTER INSERT ON change WHEN NEW.name IN ({names}) AND {chance}");
    let triggers = [
        ("chaos_message", format!("BEFORE INSERT ON message WHEN {chance}")),
        (
            "chaos_ticket",
            format!("BEFORE UPDATE ON ticket WHEN NEW.subject IS NOT OLD.subject AND {chance}"),
        ),
        // Every transaction of a writer fires one of these triggers. Only a message that reopens its ticket fires
        // both.
        ("chaos_end_of_message", ends("41")),
        ("chaos_end_of_ticket", ends("22")),
    ];
    triggers
        .map(|(name, when)| {
            format!("CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, 'chaos'); END;\n")
        })
        .concat()
}
