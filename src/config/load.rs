//! Loads the settings and validates them.

use std::path::{Path, PathBuf};

use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::Serialize;

use super::{JwtAlgorithm, LogFormat, Settings, environment, explain::explain, password};

/// Read if it exists and no other file is given.
const DEFAULT_FILE: &str = "deskgraph.toml";

/// Reason why the settings cannot be used: a sentence that names the setting.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// Declares the flags, each with its type and its attributes for clap.
macro_rules! overrides {
    ($($(#[$meta:meta])* $name:ident: $kind:ty, $($key:ident $(= $value:tt)?),+;)+) => {
        /// Settings given as flags. Absent ones come from the environment, the file or the defaults.
        #[derive(Clone, Debug, Default, Serialize, clap::Args)]
        pub struct Overrides {
            /// Path of the settings file [default: deskgraph.toml, if the file exists].
            #[serde(skip)]
            #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
            pub config: Option<PathBuf>,
            $(
                $(#[$meta])*
                #[serde(skip_serializing_if = "Option::is_none")]
                #[arg(long, global = true, help_heading = "Settings", $($key $(= $value)?),+)]
                pub $name: Option<$kind>,
            )+
        }
    };
}

overrides! {
    /// Database URL: `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/NAME` [default: `sqlite://deskgraph.db`].
    database_url: String, value_name = "URL";
    /// File that contains the database password. Use it when the URL has no password.
    database_password_file: PathBuf, value_name = "FILE";
    /// Number of connections in the database pool, at least 1 [default: 16].
    database_connections: u32, value_name = "N";
    /// URL of the NATS server over which nodes announce changes: `nats://USER:PASSWORD@HOST:PORT` [default: nodes use
    /// PostgreSQL].
    nats_url: String, value_name = "URL";
    /// Address to listen on: HOST:PORT, :PORT for all IPv4 addresses, or PORT for 127.0.0.1 [default: 127.0.0.1:8080].
    listen: String, value_name = "HOST:PORT";
    /// Migrates the database tables at startup [default: true].
    migrate: bool, value_name = "BOOL";
    /// Serves the explorer at / [default: true].
    explorer: bool, value_name = "BOOL";
    /// Allows introspection queries [default: true].
    introspection: bool, value_name = "BOOL";
    /// JSON file of trusted documents, which a request can name by id instead of sending the text.
    trusted_documents: PathBuf, value_name = "FILE";
    /// Rejects every document that is not in the file of trusted documents [default: false].
    trusted_documents_only: bool, value_name = "BOOL";
    /// Signature algorithm of tokens [default: hs256].
    jwt_algorithm: JwtAlgorithm, value_enum, ignore_case = true;
    /// PEM file with the public key that verifies RS256, ES256 and EdDSA tokens.
    jwt_public_key_file: PathBuf, value_name = "FILE";
    /// File with the key set (JWKS) that verifies RS256, ES256 and EdDSA tokens. Replaces the single public key.
    jwt_jwks_file: PathBuf, value_name = "FILE";
    /// URL at which the issuer publishes the key set (JWKS): `https://HOST/PATH`.
    jwt_jwks_url: String, value_name = "URL";
    /// PEM file with the private key that `token issue` signs RS256, ES256 and EdDSA tokens with.
    jwt_private_key_file: PathBuf, value_name = "FILE";
    /// Required issuer of a token (claim `iss`) [default: deskgraph].
    jwt_issuer: String, value_name = "TEXT";
    /// Required audience of a token (claim `aud`) [default: deskgraph].
    jwt_audience: String, value_name = "TEXT";
    /// Scores the sentiment of inbound messages [default: true].
    sentiment: bool, value_name = "BOOL";
    /// Filter of log lines: error, warn, info, deskgraph=debug, … [default: info].
    log: String, value_name = "FILTER";
    /// Format of log lines [default: text].
    log_format: LogFormat, value_enum;
}

impl Settings {
    /// Loads the settings from defaults, file, environment and flags. Each source overrides those before it.
    pub fn load(flags: &Overrides) -> Result<Self, ConfigError> {
        let mut sources = Figment::from(Serialized::defaults(Self::default()));
        sources = match &flags.config {
            Some(path) if !path.is_file() => {
                return Err(ConfigError(format!(
                    "config: The file {} does not exist.",
                    path.display()
                )));
            }
            Some(path) => sources.merge(Toml::file_exact(path)),
            None if Path::new(DEFAULT_FILE).is_file() => sources.merge(Toml::file_exact(DEFAULT_FILE)),
            None => sources,
        };
        let environment = Env::prefixed(environment::PREFIX)
            // Other variables, for example those that Kubernetes sets for a service, are reported elsewhere.
            .filter(|key| Settings::NAMES.contains(&key.as_str().to_ascii_lowercase().as_str()))
            // A password of digits would be parsed as a number.
            .ignore(&["database_password"])
            .map(|key| key.as_str().to_ascii_lowercase().into());
        let mut settings: Self = sources
            .merge(environment)
            .merge(Serialized::globals(flags))
            .extract()
            .map_err(|error| ConfigError(explain(error)))?;
        settings.check()?;
        let sentence = password::from_environment().and_then(|password| settings.take_password(password));
        sentence.map_err(ConfigError)?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let refuse = |sentence: &str| Err(ConfigError(sentence.to_owned()));
        let url = self.database_url.reveal();
        if !["sqlite:", "postgres:", "postgresql:"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
        {
            return refuse(
                "database_url: The value must begin with sqlite://, postgres:// or postgresql://.",
            );
        }
        if self.nats_url.is_some() && url.starts_with("sqlite") {
            return refuse(
                "nats_url: NATS requires PostgreSQL. A SQLite database has one serving process, so no other node needs the changes.",
            );
        }
        if self.trusted_documents_only && self.trusted_documents.is_none() {
            return refuse("trusted_documents_only: This setting requires trusted_documents.");
        }
        if let Some(sentence) = self.senseless_limit() {
            return refuse(&sentence);
        }
        self.check_keys().map_or(Ok(()), |sentence| refuse(&sentence))
    }

    /// The first inconsistency in the settings of token keys, as a sentence.
    fn check_keys(&self) -> Option<String> {
        let public = [
            ("jwt_public_key_file", self.jwt_public_key_file.is_some()),
            ("jwt_jwks_file", self.jwt_jwks_file.is_some()),
            ("jwt_jwks_url", self.jwt_jwks_url.is_some()),
        ];
        let mut set = public.iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name);
        let refuse = |sentence: &str| Some(sentence.to_owned());
        match (self.jwt_algorithm, &self.jwt_secret) {
            (JwtAlgorithm::HS256, Some(secret)) if secret.reveal().len() < 32 => {
                refuse("jwt_secret: The secret must be at least 32 bytes long.")
            }
            (JwtAlgorithm::HS256, _) => set
                .next()
                .map(|name| format!("{name}: This setting requires jwt_algorithm RS256, ES256 or EdDSA. The current algorithm is HS256.")),
            (JwtAlgorithm::RS256 | JwtAlgorithm::ES256 | JwtAlgorithm::EdDSA, Some(_)) => {
                refuse("jwt_secret: This setting requires jwt_algorithm HS256.")
            }
            (JwtAlgorithm::RS256 | JwtAlgorithm::ES256 | JwtAlgorithm::EdDSA, None) => {
                match (set.next(), set.next()) {
                    (None, _) => refuse(
                        "jwt_public_key_file: This jwt_algorithm requires jwt_public_key_file, jwt_jwks_file or jwt_jwks_url.",
                    ),
                    (Some(_), None) => None,
                    (Some(one), Some(other)) => {
                        Some(format!("{other}: This setting cannot be combined with {one}. Set one source of keys."))
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{JwksUrl, NatsUrl, Secret};

    #[test]
    fn the_defaults_are_valid() {
        Settings::default().check().expect("valid");
    }

    #[test]
    fn invalid_settings_are_refused_by_name() {
        let short = Settings {
            jwt_secret: Some(Secret::new("short")),
            ..Settings::default()
        };
        assert!(short.check().unwrap_err().to_string().starts_with("jwt_secret:"));
        let other = Settings {
            database_url: Secret::new("mysql://x"),
            ..Settings::default()
        };
        assert!(
            other
                .check()
                .unwrap_err()
                .to_string()
                .starts_with("database_url:")
        );
        let keyless = Settings {
            jwt_algorithm: JwtAlgorithm::ES256,
            ..Settings::default()
        };
        assert!(
            keyless
                .check()
                .unwrap_err()
                .to_string()
                .starts_with("jwt_public_key_file:")
        );
        let jwks = |text: &str| JwksUrl::try_from(text.to_owned()).ok();
        let url = jwks("https://id.example.com/keys");
        for (settings, sentence) in [
            (
                Settings {
                    jwt_jwks_url: url.clone(),
                    ..Settings::default()
                },
                "jwt_jwks_url: This setting requires jwt_algorithm RS256, ES256 or EdDSA.",
            ),
            (
                Settings {
                    jwt_algorithm: JwtAlgorithm::RS256,
                    jwt_jwks_url: url.clone(),
                    jwt_jwks_file: Some("keys.json".into()),
                    ..Settings::default()
                },
                "jwt_jwks_url: This setting cannot be combined with jwt_jwks_file.",
            ),
            (
                Settings {
                    jwt_algorithm: JwtAlgorithm::RS256,
                    jwt_jwks_file: Some("keys.json".into()),
                    jwt_public_key_file: Some("key.pem".into()),
                    ..Settings::default()
                },
                "jwt_jwks_file: This setting cannot be combined with jwt_public_key_file.",
            ),
        ] {
            let refused = settings.check().unwrap_err().to_string();
            assert!(refused.starts_with(sentence), "{refused}");
        }
        let published = Settings {
            jwt_algorithm: JwtAlgorithm::EdDSA,
            jwt_jwks_url: url,
            ..Settings::default()
        };
        published.check().expect("valid");
        let alone = Settings {
            nats_url: NatsUrl::try_from(Secret::new("nats://host")).ok(),
            ..Settings::default()
        };
        let sentence = alone.check().unwrap_err().to_string();
        assert!(sentence.starts_with("nats_url: NATS requires PostgreSQL"));
    }

    #[test]
    fn a_refused_nats_url_is_reported_without_its_password() {
        let load = |nats: &str| {
            let flags = Overrides {
                database_url: Some("postgres://db/deskgraph".to_owned()),
                nats_url: Some(nats.to_owned()),
                ..Overrides::default()
            };
            Settings::load(&flags)
        };
        let url = load("nats://ada:secret@host").expect("valid").nats_url;
        assert_eq!(url.expect("set").server(), "nats://host:4222");
        let sentence = load("http://ada:secret@host").unwrap_err().to_string();
        assert!(
            sentence.starts_with("nats_url: The value must have the form nats://HOST:PORT"),
            "{sentence}"
        );
        assert!(!sentence.contains("secret"), "{sentence}");
    }

    #[test]
    fn a_refused_jwks_url_is_reported_without_its_password() {
        let load = |url: &str| {
            let flags = Overrides {
                jwt_algorithm: Some(JwtAlgorithm::ES256),
                jwt_jwks_url: Some(url.to_owned()),
                ..Overrides::default()
            };
            Settings::load(&flags)
        };
        let url = load("https://id.example.com/keys").expect("valid").jwt_jwks_url;
        assert_eq!(url.expect("set").to_string(), "https://id.example.com/keys");
        for url in [
            "http://id.example.com/keys",
            "https://ada:secret@id.example.com/keys",
        ] {
            let sentence = load(url).unwrap_err().to_string();
            assert!(
                sentence.starts_with("jwt_jwks_url: The value must have the form https://HOST/PATH"),
                "{sentence}"
            );
            assert!(!sentence.contains("secret"), "{sentence}");
        }
    }

    #[test]
    fn a_flag_of_the_wrong_type_is_named() {
        let flags = Overrides {
            listen: Some("here".to_owned()),
            ..Overrides::default()
        };
        assert!(
            Settings::load(&flags)
                .unwrap_err()
                .to_string()
                .starts_with("listen:")
        );
    }
}
