//! Pauses, rollbacks and the classic mistake, put into the database by triggers: the gateway runs as it is.
//!
//! A transaction meets its pause with the first row that it writes, long before it advances the counter of the log; so
//! transactions overlap. Half of the rollbacks happen there, half of them at the commit, when the counter was advanced.

use super::settings::Settings;
use crate::under_test::Kind;

/// Positions that a transaction takes at once when they are taken too early: more than any causes events.
const BLOCK: i64 = 16;

/// Statements that install what a run needs. `position` is where the log stands.
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

/// How many transactions were rolled back; where it can be counted. Rows go with the transaction, a sequence stays.
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

/// What a gateway would do that takes a number when it begins to work. The counter, which readers take for the end of
/// the log, is kept at the highest number that was committed.
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

/// No pauses: one writer at a time. A message that a ticket gets changes the ticket's row too, but not its subject.
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
        // Every transaction of a writer has one of these, and only a message that opens its ticket again has both.
        ("chaos_end_of_message", ends("41")),
        ("chaos_end_of_ticket", ends("22")),
    ];
    triggers
        .map(|(name, when)| {
            format!("CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, 'chaos'); END;\n")
        })
        .concat()
}
