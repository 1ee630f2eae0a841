//! Whom to believe that they are who they say.

use std::sync::Arc;

use rustls::{ClientConfig, Error, RootCertStore, crypto::ring};

/// Trusts what the machine trusts. On a machine that has no certificates, as in a bare container, those that browsers
/// trust, as of when the program was built.
pub fn config() -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    // Some may be unreadable or of a form that nobody knows: the others count.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    // The database's connections bring ring with them: there is one library of cryptography in the program.
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_somebody_to_trust() {
        config().expect("a configuration");
    }
}
