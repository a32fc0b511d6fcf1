//! The files of clients before and after.

use super::{
    entry::{Client, Way},
    *,
};

fn stdio(client: Client) -> Entry {
    client.entry(&Way::Stdio { program: "/bin/journal".into(), vault: "/a \"b\"/v".into() })
}

fn http(client: Client) -> Entry {
    client.entry(&Way::Http { url: "http://127.0.0.1:8377/mcp".into() })
}

/// The text after the change, which a second time changes nothing, and of which all but our entry reads as before.
#[track_caller]
fn json_after(text: &str, entry: &Entry) -> String {
    let after = json::with_entry(text, "mcpServers", NAME, entry).unwrap();
    assert_eq!(json::with_entry(&after, "mcpServers", NAME, entry).unwrap(), after, "a second time");
    let read = |text: &str| -> serde_json::Value {
        let mut value: serde_json::Value = serde_json::from_str(text).unwrap();
        if let Some(servers) = value["mcpServers"].as_object_mut() {
            servers.remove(NAME);
        }
        value
    };
    if text.contains("mcpServers") {
        assert_eq!(read(&after), read(text));
    }
    after
}

#[test]
fn a_new_file_is_as_people_write_it() {
    let expected = r#"{
  "mcpServers": {
    "journal": {
      "type": "stdio",
      "command": "/bin/journal",
      "args": ["mcp","--vault","/a \"b\"/v"]
    }
  }
}
"#;
    assert_eq!(json_after("", &stdio(Client::Claude)), expected);
    assert_eq!(json_after(" \n", &stdio(Client::Claude)), expected);
}

#[test]
fn what_else_is_in_a_json_file_stays_as_it_is() {
    let entry = http(Client::Cursor);
    let cases = [
        ("{}", "{\n  \"mcpServers\": {\n    \"journal\": @\n  }\n}"),
        ("{ }\n", "{\n  \"mcpServers\": {\n    \"journal\": @\n  }\n}\n"),
        (
            "{\n\t\"a\" : [1, 2 ,{\"}\":\"\\\"{\"}],\n\t\"b\":1.50\n}\n",
            "{\n\t\"a\" : [1, 2 ,{\"}\":\"\\\"{\"}],\n\t\"b\":1.50,\n\t\"mcpServers\": {\n\t\t\"journal\": @\n\t}\n}\n",
        ),
        (
            "{\r\n    \"mcpServers\": {\r\n        \"x\": {}\r\n    }\r\n}\r\n",
            "{\r\n    \"mcpServers\": {\r\n        \"x\": {},\r\n        \"journal\": @\r\n    }\r\n}\r\n",
        ),
        ("{\n  \"mcpServers\": {}\n}", "{\n  \"mcpServers\": {\n    \"journal\": @\n  }\n}"),
        ("{\"mcpServers\":{\"x\":{}},\"z\":0}", "{\"mcpServers\":{\"x\":{},\"journal\": @},\"z\":0}"),
        ("{\"z\":-1e3}", "{\"z\":-1e3,\"mcpServers\": {\"journal\": @}}"),
        ("{ \"z\": true }", "{ \"z\": true, \"mcpServers\": {\"journal\": @} }"),
    ];
    for (before, expected) in cases {
        let after = json_after(before, &entry);
        let at = after.find("\"journal\": ").unwrap() + "\"journal\": ".len();
        let mut values = serde_json::Deserializer::from_str(&after[at..]).into_iter::<serde_json::Value>();
        values.next().unwrap().unwrap();
        let end = at + values.byte_offset();
        assert_eq!(format!("{}@{}", &after[..at], &after[end..]), expected, "{before}");
    }
}

#[test]
fn an_old_entry_changes_its_way_and_keeps_what_a_person_added() {
    let before = "{\"mcpServers\": {\n  \"journal\": {\"command\": \"old\", \"env\": {\"A\": \"1\"}},\n  \"y\": 1}}";
    let after = json_after(before, &http(Client::Cursor));
    assert!(!after.contains("command") && after.contains("\"env\": {\"A\":\"1\"}"), "{after}");
    assert!(after.contains("Bearer ${env:JOURNAL_TOKEN}") && after.ends_with(",\n  \"y\": 1}}"), "{after}");
    assert!(json_after(&after, &stdio(Client::Cursor)).contains("\"env\": {\"A\":\"1\"}"));
}

#[test]
fn what_cannot_be_kept_is_not_touched() {
    let problem = |text: &str| json::with_entry(text, "mcpServers", NAME, &stdio(Client::Cursor)).unwrap_err();
    for text in ["{\n  // mine\n}", "{\"a\": 1,}", "{", "\u{feff}{}"] {
        assert_eq!(problem(text), ConnectProblem::NotPlainJson, "{text}");
    }
    for text in ["[]", "7", "{\"mcpServers\": []}", "{\"mcpServers\": null}"] {
        assert!(matches!(problem(text), ConnectProblem::Shape(_)), "{text}");
    }
    let problem = |text: &str| toml::with_entry(text, "mcp_servers", NAME, &stdio(Client::Codex)).unwrap_err();
    assert_eq!(problem("= 1"), ConnectProblem::NotToml);
    assert!(matches!(problem("mcp_servers = 1"), ConnectProblem::Shape(_)));
    assert!(matches!(problem("[mcp_servers]\njournal = 1"), ConnectProblem::Shape(_)));
}

#[test]
fn what_else_is_in_a_toml_file_stays_as_it_is() {
    let ours = "[mcp_servers.journal]\ncommand = \"/bin/journal\"\nargs = [\"mcp\", \"--vault\", '/a \"b\"/v']\n";
    let after = |text: &str, entry: &Entry| {
        let after = toml::with_entry(text, "mcp_servers", NAME, entry).unwrap();
        assert_eq!(toml::with_entry(&after, "mcp_servers", NAME, entry).unwrap(), after, "a second time");
        after
    };
    assert_eq!(after("", &stdio(Client::Codex)), ours);
    let other = "# mine\nmodel  =  'x' # why\n\n[mcp_servers.other]\ncommand=\"y\"   # z\n\n\n[tail]\na=[1,\n 2]\n";
    assert_eq!(after(other, &stdio(Client::Codex)).replace(&format!("\n{ours}"), ""), other);
    let old = "[mcp_servers.journal]\n# slow disk\nstartup_timeout_sec = 30\ncommand = 'old'\nargs = []\n";
    let http = after(old, &http(Client::Codex));
    assert_eq!(
        http,
        "[mcp_servers.journal]\n# slow disk\nstartup_timeout_sec = 30\nurl = \"http://127.0.0.1:8377/mcp\"\nbearer_token_env_var = \
         \"JOURNAL_TOKEN\"\n"
    );
    // Written in another way and meaning the same, it stays.
    let same =
        "[mcp_servers.journal]\nargs = [ 'mcp',\n  '--vault', \"/a \\\"b\\\"/v\" ]\ncommand = '/bin/journal' # here\n";
    assert_eq!(after(same, &stdio(Client::Codex)), same);
}

#[test]
fn options_and_headers_of_a_person_stay() {
    let before = "{\"mcpServers\": {\"journal\": {\"command\": \"journal\", \"args\": [\"mcp\", \"--vault\", \"/old\", \
                  \"--read-only\"]}}}";
    let after: serde_json::Value = serde_json::from_str(&json_after(before, &stdio(Client::Cursor))).unwrap();
    let args = after["mcpServers"]["journal"]["args"].as_array().unwrap();
    assert_eq!((args.len(), &args[1], &args[3]), (4, &"--vault".into(), &"--read-only".into()));
    assert_ne!(args[2], "/old");
    let before = "{\"mcpServers\": {\"journal\": {\"url\": \"x\", \"headers\": {\"X-Journal-Agent\": \"otter\"}}}}";
    let after = json_after(before, &http(Client::Cursor));
    assert!(after.contains("\"X-Journal-Agent\":\"otter\"") && after.contains("Authorization"), "{after}");
    let text = "[mcp_servers.journal]\ncommand = \"x\"\nargs = [\"mcp\", \"--tools\", \"search\"]\n";
    let after = toml::with_entry(text, "mcp_servers", NAME, &stdio(Client::Codex)).unwrap();
    assert!(after.contains("\"--tools\", \"search\", \"--vault\""), "{after}");
}

#[test]
fn codex_gets_no_entry_with_keys_of_both_kinds() {
    let problem = |text: &str, entry: &Entry| toml::with_entry(text, "mcp_servers", NAME, entry).unwrap_err();
    let program = "[mcp_servers.journal]\ncommand = \"x\"\nenv = { A = \"1\" }\n";
    assert_eq!(problem(program, &http(Client::Codex)), ConnectProblem::OtherKind("env"));
    let address = "[mcp_servers.journal]\nurl = \"x\"\nhttp_headers = { A = \"1\" }\n";
    assert_eq!(problem(address, &stdio(Client::Codex)), ConnectProblem::OtherKind("http_headers"));
}
