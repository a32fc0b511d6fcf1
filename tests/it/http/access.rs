//! The token, its file, and addresses for others.

use std::{fs, os::unix::fs::PermissionsExt, thread};

use super::*;

#[test]
fn the_token_is_made_once_in_a_file_for_its_owner_only() {
    let vault = vault();
    let journal = nobody(&vault);
    let tokens: Vec<_> = thread::scope(|scope| {
        let runs: Vec<_> =
            (0..4).map(|_| scope.spawn(|| journal.run(&["serve", "--show-token"]).assert_ok().stdout)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(tokens.iter().all(|token| *token == tokens[0] && token.trim().len() == 64), "{tokens:?}");
    let path = vault.data_home().join("journal/http-token");
    assert_eq!(fs::read_to_string(&path).unwrap(), tokens[0]);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_token_that_is_no_secret_is_refused_with_what_to_type() {
    let vault = vault();
    let journal = nobody(&vault);
    journal.run(&["serve", "--show-token"]).assert_ok();
    let path = vault.data_home().join("journal/http-token");
    let mut shown = Vec::new();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    shown.push(journal.run(&["serve"]).assert_status(2).transcript());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, "secret\n").unwrap();
    shown.push(journal.run(&["serve", "--show-token"]).assert_status(2).transcript());
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("elsewhere", &path).unwrap();
    shown.push(journal.run(&["serve"]).assert_status(2).transcript());
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn other_machines_are_let_in_only_by_who_says_so_twice() {
    let vault = vault();
    let journal = nobody(&vault);
    let refused = journal.run(&["serve", "--port", "0", "--bind", "0.0.0.0"]).assert_status(2);
    insta::assert_snapshot!(refused.transcript());
    let server = Server::start(&vault, &["--bind", "0.0.0.0", "--i-know"]);
    assert!(server.address.starts_with("0.0.0.0:"), "{}", server.address);
    server.is_well();
}

#[test]
fn a_port_that_is_taken_is_told() {
    let vault = vault();
    let server = Server::start(&vault, &[]);
    let port = server.address.rsplit(':').next().unwrap();
    let refused = nobody(&vault).run(&["serve", "--port", port]).assert_status(3);
    let told = refused.stderr;
    assert!(told.contains("cannot listen on `127.0.0.1:") && told.contains("journal serve --status"), "{told}");
}

#[test]
fn the_server_tells_its_address_and_never_its_token() {
    let vault = vault();
    let server = Server::start(&vault, &[]);
    let token = server.token.clone();
    server.say(server.post(&format!("/mcp?token={token}"), &[], ""));
    server.say(server.post("/mcp", &["authorization: Bearer wrong"], ""));
    let (status, said) = server.stop();
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(said.contains("Serving the vault") && said.contains("Stopping"), "{said}");
    assert!(!said.contains(&token) && !said.contains("wrong"), "{said}");
}

#[test]
fn pages_and_names_of_the_configuration_may_call() {
    let vault = vault();
    let config = vault.root().join("config/journal");
    fs::create_dir_all(&config).unwrap();
    fs::write(
        config.join("config.toml"),
        "allowed_origins = [\"http://localhost:6274\"]\nallowed_hosts = [\"box.lan\"]\n",
    )
    .unwrap();
    let server = Server::start(&vault, &[]);
    let list = request("tools/list", json!({}));
    for line in ["origin: http://localhost:6274", "host: box.lan"] {
        assert_eq!(server.send(&[line], &list).0, 200, "{line}");
    }
    for line in ["origin: http://localhost:6275", "host: box.example"] {
        assert_eq!(server.send(&[line], &list).0, 403, "{line}");
    }
}
