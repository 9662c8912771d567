//! Each rule with what it must find and what it must leave alone. Tokens are put together here, so that no scanner
//! takes this file for a leak.

use super::{Rule::*, *};
use crate::{
    facts::testing::scan,
    spec::config::{Execution, History},
    tree::testing::{Item, changeset, file, whiteout},
};

/// Random letters, of which each example takes as many as it needs.
const RANDOM: &str =
    "9sK2mQ8vL4xT7bN1cR5wZ3yH6jF0pDgA1uEoI2qWnM8rV5tX7zC4bJ6kS3lY0hGfP9aQeU2dRw1iO5yTxK8mNbVc3LsZ7jH4gF6pDqA0uEoIn2W";

fn random(len: usize) -> String {
    RANDOM.chars().cycle().take(len).collect()
}

fn hex(len: usize) -> String {
    "9f3a6c1e7b20d85f4ca1937e60b2d8f5".chars().cycle().take(len).collect()
}

fn rules(path: &str, text: &str) -> Vec<Rule> {
    find(path.as_bytes(), text.as_bytes()).into_iter().map(|secret| secret.rule).collect()
}

#[track_caller]
fn finds(path: &str, text: &str, rule: Rule) {
    assert_eq!(rules(path, text), [rule], "{path}: {text}");
}

#[track_caller]
fn leaves(path: &str, text: &str) {
    assert_eq!(rules(path, text), [], "{path}: {text}");
}

#[test]
fn tokens_of_well_known_shapes() {
    for (token, rule) in [
        (format!("AKIA{}", "Q7XN4MZ2RTLP5WYV"), AwsAccessKeyId),
        (format!("ghp_{}", random(36)), GitHubToken),
        (format!("github_pat_{}", random(82)), GitHubToken),
        (format!("glpat-{}", random(20)), GitLabToken),
        (format!("xoxb-{}-{}-{}", "123456789012", "210987654321", random(24)), SlackToken),
        (format!("https://hooks.slack.com/services/T{}/B{}/{}", "0A1B2C3D4", "9Z8Y7X6W5", random(24)), SlackWebhook),
        (format!("npm_{}", random(36)), NpmToken),
        (format!("pypi-AgEIcHlwaS5vcmc{}", random(60)), PypiToken),
        (format!("dckr_pat_{}", random(27)), DockerHubToken),
        (format!("AIza{}", random(35)), GoogleApiKey),
        (format!("sk_live_{}", random(24)), StripeKey),
        (format!("SG.{}.{}", random(22), random(43)), SendGridKey),
        (format!("dop_v1_{}", hex(64)), DigitalOceanToken),
        (format!("hf_{}", random(34)), HuggingFaceToken),
        (format!("sk-proj-{}", random(48)), OpenAiKey),
        (format!("sk-ant-api03-{}", random(95)), AnthropicKey),
        (format!("hvs.{}", random(95)), VaultToken),
        (format!("shpat_{}", hex(32)), ShopifyToken),
        (format!("dapi{}", hex(32)), DatabricksToken),
        (format!("AGE-SECRET-KEY-1{}", random(58).to_uppercase()), AgeKey),
        (format!("AccountKey={}==", random(86)), AzureStorageKey),
        (format!("aws_secret_access_key = {}", random(40)), AwsSecretKey),
        (format!("\"SecretAccessKey\": \"{}\"", random(40)), AwsSecretKey),
    ] {
        finds("app/config.txt", &format!("a line\ntoken: {token}\n"), rule);
        finds("app/config.txt", &token, rule);
        if !matches!(rule, AwsSecretKey | SlackWebhook) {
            leaves("app/config.txt", &format!("x{token}"));
        }
        // Another length is another thing.
        if !matches!(
            rule,
            AwsSecretKey | GitLabToken | SlackToken | PypiToken | StripeKey | OpenAiKey | AnthropicKey | VaultToken
        ) {
            leaves("app/config.txt", &format!("{token}Zz9"));
        }
    }
}

#[test]
fn what_only_looks_like_a_token() {
    for text in [
        "AKIAIOSFODNN7EXAMPLE".to_owned(),
        "AKIA".to_owned(),
        "akiaq7xn4mz2rtlp5wyv".to_owned(),
        format!("ghp_{}", "x".repeat(36)),
        "ghp_YOUR_TOKEN_HERE".to_owned(),
        format!("ghp_{}", "abcdefghijklmnopqrstuvwxyz0123456789"),
        "npm_config_registry_and_other_settings_of_it".to_owned(),
        "npm_package_dependencies_webpackdevserver".to_owned(),
        format!("sk_test_{}", random(24)),
        "hf_hub_download_from_the_internet_cache_dir".to_owned(),
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX".to_owned(),
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
        "aws_secret_access_key = ${SECRET}".to_owned(),
        format!("aws_secret_access_key_of_another_kind {}", random(40)),
        format!("AIza{}", random(36)),
    ] {
        leaves("app/config.txt", &text);
    }
}

fn pem(label: &str, body: &str) -> String {
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

#[test]
fn private_keys_have_a_body() {
    let body = format!("{}\n{}", random(64), random(64));
    for (label, rule) in [
        ("RSA PRIVATE KEY", PrivateKey),
        ("EC PRIVATE KEY", PrivateKey),
        ("PRIVATE KEY", PrivateKey),
        ("ENCRYPTED PRIVATE KEY", EncryptedPrivateKey),
        ("PGP PRIVATE KEY BLOCK", PgpPrivateKey),
    ] {
        finds("root/key", &pem(label, &body), rule);
        leaves("root/key", &pem(label, "..."));
        leaves("doc.md", &format!("It begins with `-----BEGIN {label}-----` and more."));
    }
    let encrypted = format!("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB\n\n{body}");
    finds("root/key", &pem("RSA PRIVATE KEY", &encrypted), EncryptedPrivateKey);
    let open = format!("b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ{}\n{}", random(28), random(70));
    finds("root/.ssh/id_ed25519", &pem("OPENSSH PRIVATE KEY", &open), OpenSshKey);
    let locked = format!("b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAA{}\n{}", random(28), random(70));
    finds("root/.ssh/id_ed25519", &pem("OPENSSH PRIVATE KEY", &locked), EncryptedPrivateKey);
    let in_json = format!("{{\"private_key\": \"{}\"}}", pem("PRIVATE KEY", &body).replace('\n', "\\n"));
    finds("app/account.json", &in_json, PrivateKey);
    leaves("etc/ssl/cert.pem", &pem("CERTIFICATE", &body));
    leaves("etc/ssl/pub.pem", &pem("PUBLIC KEY", &body));
    let putty = "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nPrivate-Lines: 1\nAAAA\n";
    finds("key.ppk", putty, PuttyKey);
    leaves("manual.txt", "A file begins with PuTTY-User-Key-File-3 and the kind of key.");
}

#[test]
fn web_tokens_have_a_header_and_a_signature() {
    let header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
    finds("app/log", &format!("Bearer {header}.eyJzdWIiOiIxMjM0In0.{}", random(43)), Jwt);
    leaves("app/log", &format!("{header}.eyJzdWIiOiIxMjM0In0."));
    leaves("app/log", &format!("{header}.{}", random(43)));
    leaves("app/map.js", &format!("eyJ{}.eyJ{}.{}", random(30), random(30), random(43)));
    let none = "eyJhbGciOiJub25lIn0";
    leaves("app/log", &format!("{none}.eyJzdWIiOiIxMjM0In0.{}", random(43)));
}

#[test]
fn files_that_hold_credentials() {
    for (path, text, rule) in [
        ("app/.env", "# x\nDEBUG=true\nDB_PASSWORD=\"hunter2 too\"\n", EnvFile),
        ("app/.env.production", "export STRIPE_SECRET=abc123", EnvFile),
        ("root/.npmrc", "registry=https://x/\n//x/:_authToken=0a1b2c3d-1111", NpmrcAuth),
        ("root/.pypirc", "[pypi]\nusername = me\npassword = hunter2\n", PypircPassword),
        ("root/.netrc", "machine api.x.com\n  login me\n  password hunter2\n", Netrc),
        ("root/.git-credentials", "https://me:hunter2@github.com\n", GitCredentials),
        ("src/.git/config", "[remote \"origin\"]\n\turl = https://me:hunter2@x.com/r.git\n", UrlPassword),
        ("root/.pgpass", "db:5432:*:me:hunter2\n", Pgpass),
        ("root/.my.cnf", "[client]\nuser=me\npassword=hunter2\n", MyCnf),
        ("root/.docker/config.json", r#"{"auths":{"x.com":{"auth":"bWU6aHVudGVyMg=="}}}"#, RegistryAuth),
        ("root/.kube/config", "kind: Config\nusers:\n- name: me\n  user:\n    token: abcdefg\n", Kubeconfig),
        ("etc/shadow", "root:$6$salt$0123456789abcdef:19000:0:99999:7:::\nbin:*:19000:0:99999:7:::\n", ShadowHash),
        ("etc/shadow", "root:::0:::::\n", ShadowEmpty),
        ("srv/.htpasswd", "me:$apr1$abc$def\n", Htpasswd),
        ("root/.cargo/credentials.toml", "[registry]\ntoken = \"cio1234567\"\n", CargoToken),
    ] {
        finds(path, text, rule);
    }
    for (path, text) in [
        ("app/.env.example", "DB_PASSWORD=hunter2"),
        (
            "app/.env",
            "DB_PASSWORD=\nDB_PASSWORD_FILE=/run/secrets/db\nTOKEN=${TOKEN}\nPASSWORD=changeme\nTOKEN_TTL=3600\n#SECRET=abc",
        ),
        ("app/config.yml", "password: hunter2"),
        ("root/.npmrc", "//x/:_authToken=${NPM_TOKEN}\nregistry=https://x/"),
        ("root/.netrc", "machine x login me"),
        (
            "src/.git/config",
            "url = https://github.com/x/y.git\nurl = git@github.com:x/y\nurl = https://user:password@x.com",
        ),
        ("root/.docker/config.json", r#"{"auths":{"x.com":{}},"credsStore":"desktop"}"#),
        ("root/.docker/config.json", "not json"),
        ("etc/shadow", "root:*:19000:0:99999:7:::\nme:!:19000:0:99999:7:::\nx:!!:::::::\n"),
        ("etc/shadow.txt", "root:$6$salt$0123456789abcdef:19000:0:99999:7:::\n"),
        ("root/.kube/config", "kind: Config\nclusters: []\n"),
        ("srv/.htpasswd", "# comment\nme:\n"),
    ] {
        leaves(path, text);
    }
}

#[test]
fn a_secret_says_where_it_is_and_hides_what_it_is() {
    let text = "A=1\nDB_PASSWORD=hunter2\n";
    let secret = &find(b".env", text.as_bytes())[0];
    assert_eq!((secret.line, secret.offset, secret.name.as_deref()), (2, 16, Some("DB_PASSWORD")));
    assert_eq!(secret.masked(), "•••••••");
    assert_eq!(secret.value.reveal(), "hunter2");
    assert!(!format!("{secret:?}").contains("hunter2"));
    let token = format!("ghp_{}", random(36));
    assert_eq!(find(b"x", token.as_bytes())[0].masked(), "ghp_••••••••••••");
    let key = pem("RSA PRIVATE KEY", &random(64));
    assert_eq!(find(b"x", key.as_bytes())[0].masked(), "-----BEGIN RSA PRIVATE KEY-----••••••••••••");
}

#[test]
fn the_config_tells_everybody() {
    let config = ImageConfig {
        execution: Execution {
            env: vec![
                "DB_PASSWORD=hunter2".into(),
                "PATH=/bin".into(),
                "PASSWORD_FILE=/run/x".into(),
                "SECRET=".into(),
            ],
            labels: [("note".to_owned(), format!("npm_{}", random(36)))].into(),
            cmd: vec!["run".into(), "postgres://me:hunter3@db/x".into()],
            ..Execution::default()
        },
        history: vec![
            History { created_by: Some("/bin/sh -c #(nop)  ENV DB_PASSWORD=hunter2".into()), ..History::default() },
            History { created_by: Some("|1 NPM_TOKEN=abc-def /bin/sh -c npm ci".into()), ..History::default() },
            History { created_by: Some("RUN TOKEN=$TOKEN make # buildkit".into()), ..History::default() },
        ],
        ..ImageConfig::default()
    };
    let told: Vec<_> = in_config(&config)
        .into_iter()
        .map(|found| format!("{:?} {:?} {:?}", found.place, found.secret.rule, found.secret.name))
        .collect();
    assert_eq!(
        told,
        [
            "Config(Env) EnvVariable Some(\"DB_PASSWORD\")",
            "Config(Label) NpmToken Some(\"note\")",
            "Config(Command) UrlPassword None",
            "Config(History(1)) EnvVariable Some(\"NPM_TOKEN\")",
        ]
    );
}

#[test]
fn what_is_gone_comes_first_and_examples_last() {
    let key = pem("RSA PRIVATE KEY", &random(64));
    let token = format!("ghp_{}", random(36));
    let texts: [&[(&str, &str)]; 3] =
        [&[("root/key", &key), ("app/token", &token), ("app/tests/key", &key)], &[("app/token", &token)], &[]];
    let markers: [&[Item]; 3] = [&[], &[], &[whiteout("root")]];
    let changesets: Vec<_> = texts
        .iter()
        .zip(markers)
        .map(|(files, markers)| {
            let items: Vec<Item> =
                files.iter().map(|(path, text)| file(path, text)).chain(markers.iter().cloned()).collect();
            changeset(&items)
        })
        .collect();
    let marks: Vec<_> = changesets.iter().map(|changeset| Some(Marks::new(changeset))).collect();
    let scans: Vec<_> = texts.iter().map(|files| scan(files)).collect();
    let scans: Vec<_> = scans.iter().map(Some).collect();
    let told: Vec<String> = ranked(None, &marks, &scans)
        .into_iter()
        .map(|found| match found.place {
            Place::File { path, layers, fate, .. } => format!("{} {layers:?} {fate:?}", String::from_utf8_lossy(&path)),
            Place::Config(part) => format!("{part:?}"),
        })
        .collect();
    assert_eq!(told, ["root/key [0] Deleted { by: 2 }", "app/token [0, 1] Visible", "app/tests/key [0] Visible"]);
}
