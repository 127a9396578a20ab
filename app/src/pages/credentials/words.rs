//! Types of credentials and their fields as people call them.

use handover::model::CredentialKind;

pub(super) fn kind(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::S3 => "S3 access key",
        CredentialKind::Basic => "Username and password",
        CredentialKind::ApiToken => "API token",
        CredentialKind::Bearer => "Bearer token",
        CredentialKind::OAuth => "OAuth tokens",
        CredentialKind::Gcp => "Google service account",
        CredentialKind::AzureServicePrincipal => "Azure service principal",
        CredentialKind::Azure => "Azure connection string",
        CredentialKind::AzureSas => "Azure SAS token",
        CredentialKind::SnowflakeKeyPair => "Snowflake key pair",
        CredentialKind::DatabricksAccessToken => "Databricks access token",
        CredentialKind::BoxJwt => "Box JWT",
        CredentialKind::ClientIdAndSecret => "Client ID and secret",
        CredentialKind::Registry => "Image registry",
    }
}

/// `awsAccessKeyId` reads as `AWS access key ID`.
pub(super) fn field(name: &str) -> String {
    let mut words: Vec<String> = vec![String::new()];
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            words.push(letter.to_ascii_lowercase().to_string());
        } else if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    let shouted = ["aws", "id", "sas", "api", "gcp"];
    let mut said: Vec<String> = words
        .into_iter()
        .filter(|word| word != "str")
        .map(|word| if shouted.contains(&word.as_str()) { word.to_uppercase() } else { word })
        .collect();
    if let Some(first) = said.first_mut() {
        let (letter, rest) = first.split_at(1.min(first.len()));
        *first = format!("{}{rest}", letter.to_uppercase());
    }
    said.join(" ")
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn fields_read_as_words() {
        assert_eq!(field("awsAccessKeyId"), "AWS access key ID");
        assert_eq!(field("user"), "User");
        assert_eq!(field("privateKeyStr"), "Private key");
        assert_eq!(field("gcpKey"), "GCP key");
    }
}
