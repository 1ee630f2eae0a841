//! Finds the environment variables that are settings, and reports those that are not.

use std::ffi::{OsStr, OsString};

use super::Settings;

/// Prefix of the environment variables of settings.
pub(super) const PREFIX: &str = "DESKGRAPH_";
/// Minimum similarity of an unknown name to a setting for a suggestion. 1 means equal.
const ALIKE: f64 = 0.6;

/// Returns a sentence for each variable with the prefix that is not a setting. Skips the variables that
/// Kubernetes sets for services named `deskgraph` or `deskgraph-NAME`.
pub fn unknown_in_environment() -> Vec<String> {
    unknown(std::env::vars_os())
}

fn unknown(variables: impl Iterator<Item = (OsString, OsString)>) -> Vec<String> {
    let names = Settings::NAMES;
    let mut sentences: Vec<String> = variables
        .filter_map(|(name, value)| {
            let whole = name.to_str()?;
            let name = whole.strip_prefix(PREFIX)?;
            let is_known = names.contains(&name.to_ascii_lowercase().as_str());
            (!is_known && !is_of_kubernetes(name, &value)).then(|| tell(whole, name, names))
        })
        .collect();
    sentences.sort();
    sentences
}

fn tell(whole: &str, name: &str, names: &[&str]) -> String {
    let name = name.to_ascii_lowercase();
    let alike = |one: &&&str| strsim::normalized_damerau_levenshtein(one, &name);
    let nearest = names
        .iter()
        .max_by(|one, other| alike(one).total_cmp(&alike(other)));
    let nearest = nearest.filter(|one| alike(one) >= ALIKE);
    let hint = nearest.map_or_else(String::new, |one| {
        format!(" Did you mean {PREFIX}{}?", one.to_ascii_uppercase())
    });
    format!("The environment variable {whole} is not a setting and is ignored.{hint}")
}

/// Whether a name, without the prefix, is one that Kubernetes sets for a service named `deskgraph` or
/// `deskgraph-NAME`.
fn is_of_kubernetes(name: &str, value: &OsStr) -> bool {
    let parts: Vec<&str> = name.split('_').collect();
    let is_number = |part: &str| part.parse::<u16>().is_ok();
    let is_protocol = |part: &str| matches!(part, "TCP" | "UDP" | "SCTP");
    let is_url = || {
        let value = value.to_string_lossy();
        ["tcp://", "udp://", "sctp://"]
            .iter()
            .any(|scheme| value.starts_with(scheme))
    };
    let ends = |from: usize| match parts.get(from..).unwrap_or_default() {
        ["SERVICE", "HOST"] => true,
        ["SERVICE", "PORT", ..] => is_number(&value.to_string_lossy()),
        ["PORT"] => is_url(),
        ["PORT", port, protocol] | ["PORT", port, protocol, "PROTO" | "PORT" | "ADDR"] => {
            is_number(port) && is_protocol(protocol)
        }
        _ => false,
    };
    (0..parts.len()).any(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings_for(variables: &[(&str, &str)]) -> Vec<String> {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
        unknown(variables)
    }

    #[test]
    fn setting_names_do_not_conflict_with_kubernetes() {
        let names = Settings::NAMES;
        for name in [
            "listen",
            "database_url",
            "database_password",
            "jwt_jwks_url",
            "origins",
        ] {
            assert!(names.contains(&name), "{name}");
        }
        // No setting may have a name that Kubernetes sets.
        for name in names {
            for value in ["tcp://10.0.0.1:8080", "8080", "10.0.0.1"] {
                assert!(
                    !is_of_kubernetes(&name.to_ascii_uppercase(), value.as_ref()),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn unknown_settings_are_reported_with_a_similar_name() {
        assert_eq!(
            warnings_for(&[
                ("DESKGRAPH_LISTEM", "x"),
                ("DESKGRAPH_DATABASEURL", "x"),
                ("DESKGRAPH_LISTEN", "x"),
                ("DESKGRAPH_QQ", "x"),
                ("PATH", "x"),
            ]),
            [
                "The environment variable DESKGRAPH_DATABASEURL is not a setting and is ignored. Did you mean DESKGRAPH_DATABASE_URL?",
                "The environment variable DESKGRAPH_LISTEM is not a setting and is ignored. Did you mean DESKGRAPH_LISTEN?",
                "The environment variable DESKGRAPH_QQ is not a setting and is ignored.",
            ]
        );
    }

    #[test]
    fn variables_set_by_kubernetes_are_not_reported() {
        let none: [String; 0] = [];
        assert_eq!(
            warnings_for(&[
                ("DESKGRAPH_PORT", "tcp://10.0.0.1:8080"),
                ("DESKGRAPH_SERVICE_HOST", "10.0.0.1"),
                ("DESKGRAPH_SERVICE_PORT", "8080"),
                ("DESKGRAPH_SERVICE_PORT_HTTP", "8080"),
                ("DESKGRAPH_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
                ("DESKGRAPH_PORT_8080_TCP_PROTO", "tcp"),
                ("DESKGRAPH_PORT_8080_TCP_PORT", "8080"),
                ("DESKGRAPH_PORT_8080_TCP_ADDR", "10.0.0.1"),
                ("DESKGRAPH_DATABASE_SERVICE_HOST", "10.0.0.2"),
                ("DESKGRAPH_DATABASE_PORT_5432_TCP_ADDR", "10.0.0.2"),
                ("DESKGRAPH_DATABASE_PORT", "tcp://10.0.0.2:5432"),
            ]),
            none
        );
        assert_eq!(warnings_for(&[("DESKGRAPH_PORT", "8080")]).len(), 1);
    }
}
