//! What is written is read back as it was meant, by whoever reads it: words, variables, times, and the line of ours.

use jiff::{Timestamp, tz::TimeZone};

use super::*;

/// Each has something that one of the formats takes for something else.
const HOSTILE: [&str; 10] = [
    "/v/plain",
    "/v/my notes",
    "/v/100%",
    "/v/%h %% \\% a\\",
    "/v/it's \"mine\"",
    "/v/$HOME ${USER} $$",
    "/v/생각 ünï",
    "/v/a;b|c&d`e`<f>",
    "/v/-x --y #z",
    "/v/\\\\server\\share\\",
];

fn plan(job: Job, vault: &str) -> Plan {
    Plan {
        job,
        key: "01JD3V8QK7X2M4N6P8R0T2V4W6".to_owned(),
        vault: vault.to_owned(),
        program: format!("{vault}/bin/journal"),
        arguments: ["--vault", vault, "reindex"].map(str::to_owned).to_vec(),
        environment: vec![("XDG_DATA_HOME", format!("{vault}/data"))],
    }
}

fn reindex(when: &str) -> Job {
    format!("reindex {when}").parse().unwrap()
}

fn words(plan: &Plan) -> Vec<String> {
    [&plan.program].into_iter().chain(&plan.arguments).cloned().collect()
}

/// As `systemd.syntax(7)` and `systemd.service(5)` say.
fn systemd_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut chars = line.chars().peekable();
    while chars.peek().is_some() {
        assert_eq!(chars.next(), Some('"'), "every word is quoted: {line}");
        let mut word = String::new();
        loop {
            match chars.next().expect("the quote is closed") {
                '"' => break,
                '\\' => word.push(chars.next().expect("something is escaped")),
                '%' => {
                    assert_eq!(chars.next(), Some('%'), "no specifier: {line}");
                    word.push('%');
                }
                '$' if !words.is_empty() && !line.starts_with("\"XDG") => {
                    assert_eq!(chars.next(), Some('$'), "no variable: {line}");
                    word.push('$');
                }
                c => word.push(c),
            }
        }
        words.push(word);
        assert!(matches!(chars.next(), None | Some(' ')), "{line}");
    }
    words
}

fn line<'t>(text: &'t str, key: &str) -> &'t str {
    text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_else(|| panic!("`{key}` in\n{text}"))
}

#[test]
fn systemd_reads_back_what_was_meant() {
    for vault in HOSTILE {
        let plan = plan(reindex("every 15m"), vault);
        let pieces = plan.pieces(Kind::Systemd).unwrap();
        let [service, timer] = &pieces[..] else { panic!("{pieces:?}") };
        assert_eq!(systemd_words(line(&service.text, "ExecStart=")), words(&plan));
        let (name, value) = &plan.environment[0];
        assert_eq!(systemd_words(line(&service.text, "Environment=")), [format!("{name}={value}")]);
        assert!(timer.text.contains("OnCalendar=*-*-* *:00/15:00\n") && timer.text.contains("Persistent=true\n"));
    }
}

#[test]
fn launchd_reads_back_what_was_meant() {
    for vault in HOSTILE {
        for (job, key) in [
            (reindex("every 1h"), "StartInterval"),
            (reindex("at 03:07"), "StartCalendarInterval"),
            (Job::Serve, "KeepAlive"),
        ] {
            let plan = plan(job, vault);
            let piece = plan.pieces(Kind::Launchd).unwrap().remove(0);
            let list = plist::Value::from_reader_xml(piece.text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
            let list = list.as_dictionary().unwrap();
            let text = |value: &plist::Value| value.as_string().unwrap().to_owned();
            let arguments = list["ProgramArguments"].as_array().unwrap();
            assert_eq!(arguments.iter().map(text).collect::<Vec<_>>(), words(&plan));
            let variables = list["EnvironmentVariables"].as_dictionary().unwrap();
            assert_eq!(text(&variables["XDG_DATA_HOME"]), plan.environment[0].1);
            assert_eq!(format!("{}.plist", text(&list["Label"])), piece.name);
            assert!(list.contains_key(key), "{}", piece.text);
            assert_eq!(list.contains_key("LowPriorityIO"), job != Job::Serve);
            if key == "StartCalendarInterval" {
                let at = list[key].as_dictionary().unwrap();
                let number = |key: &str| at[key].as_unsigned_integer();
                assert_eq!((number("Hour"), number("Minute")), (Some(3), Some(7)));
            }
        }
    }
}

/// What cron hands to the shell, as `do_command.c` of Vixie's cron and its heirs makes it.
fn command_of_cron(line: &str) -> String {
    let mut command = String::new();
    let mut is_escaped = false;
    for c in line.chars() {
        match (is_escaped, c) {
            (true, '%') => {
                command.pop();
                command.push('%');
            }
            (false, '%') => panic!("the command ends here: {line}"),
            _ => command.push(c),
        }
        is_escaped = !is_escaped && c == '\\';
    }
    command
}

#[cfg(unix)]
#[test]
fn cron_and_the_shell_read_back_what_was_meant() {
    for vault in HOSTILE {
        let plan = plan(reindex("every 6h"), vault);
        let text = plan.pieces(Kind::Cron).unwrap().remove(0).text;
        let [mark, entry] = text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
        assert!(mark.starts_with("# journal-schedule "), "{mark}");
        let command = command_of_cron(entry.strip_prefix("0 */6 * * * ").unwrap());
        assert!(command.starts_with("nice -n 19 "), "{command}");
        let (_, command) = command.split_once("env ").unwrap();
        // The shell shows what words it makes of it.
        let shown = std::process::Command::new("/bin/sh").arg("-c").arg(format!("printf '%s\\0' {command}")).output();
        let shown = String::from_utf8(shown.unwrap().stdout).unwrap();
        let shown: Vec<_> = shown.split_terminator('\0').map(str::to_owned).collect();
        let (name, value) = &plan.environment[0];
        assert_eq!(shown, [vec![format!("{name}={value}")], words(&plan)].concat(), "{entry}");
    }
}

/// As `CommandLineToArgvW` takes a line apart.
fn words_of_windows(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut is_quoted, mut is_begun) = (String::new(), false, false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let mut count = 1;
                while chars.next_if_eq(&'\\').is_some() {
                    count += 1;
                }
                let before_quote = chars.peek() == Some(&'"');
                word.push_str(&"\\".repeat(if before_quote { count / 2 } else { count }));
                if before_quote && count % 2 == 1 {
                    word.extend(chars.next());
                }
                is_begun = true;
            }
            '"' => (is_quoted, is_begun) = (!is_quoted, true),
            ' ' if !is_quoted => {
                words.extend(std::mem::take(&mut is_begun).then(|| std::mem::take(&mut word)));
            }
            c => {
                word.push(c);
                is_begun = true;
            }
        }
    }
    words.extend(is_begun.then_some(word));
    words
}

#[test]
fn the_task_scheduler_reads_back_what_was_meant() {
    for vault in HOSTILE {
        for (job, trigger) in [
            (reindex("every 2h"), "TimeTrigger"),
            (reindex("at 23:59"), "CalendarTrigger"),
            (Job::Serve, "LogonTrigger"),
        ] {
            let mut plan = plan(job, vault);
            assert!(matches!(plan.pieces(Kind::TaskScheduler), Err(PlanError::Variable { .. })));
            plan.environment.clear();
            let pieces = plan.pieces(Kind::TaskScheduler);
            if vault.contains('%') {
                assert!(matches!(pieces, Err(PlanError::Sign { sign: "%", .. })), "{pieces:?}");
                continue;
            }
            let text = pieces.unwrap().remove(0).text;
            // As `schtasks` reads it.
            let bytes = task_scheduler::bytes(&text);
            let pairs: Vec<u16> = bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            let text = String::from_utf16(&pairs).unwrap();
            let document = roxmltree::Document::parse(text.trim_start_matches('\u{feff}')).unwrap();
            let of = |name: &str| document.descendants().find(|node| node.has_tag_name(name));
            let words_there = |name: &str| of(name).and_then(|node| node.text()).unwrap().to_owned();
            assert_eq!(words_there("Command"), plan.program);
            assert_eq!(words_of_windows(&words_there("Arguments")), plan.arguments);
            assert!(of(trigger).is_some(), "{text}");
            assert_eq!(words_there("Priority"), if job == Job::Serve { "5" } else { "10" });
        }
    }
    let mut plan = plan(reindex("every 1h"), "/v/$(Arg0)");
    plan.environment.clear();
    assert!(matches!(plan.pieces(Kind::TaskScheduler), Err(PlanError::Sign { sign: "$(", .. })));
}

#[test]
fn what_is_installed_tells_whose_it_is() {
    for vault in HOSTILE {
        for kind in Kind::value_variants() {
            let plan = Plan { environment: Vec::new(), ..plan(reindex("every 1h"), vault) };
            let Ok(pieces) = plan.pieces(*kind) else { continue };
            let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
            assert!(kind.names(&text, vault), "{kind} {vault}");
            for other in ["/v", &vault[1..], &format!("{vault}2"), &format!("/x{vault}")] {
                assert!(!kind.names(&text, other), "{kind} {vault} {other}");
            }
        }
    }
}

#[test]
fn line_breaks_are_refused_by_all() {
    for vault in ["/v/a\nExecStart=/bin/evil", "/v/a\rb", "/v/\u{1b}[2J"] {
        for kind in Kind::value_variants() {
            let refused = plan(Job::Serve, vault).pieces(*kind);
            assert!(matches!(refused, Err(PlanError::Control(_))), "{kind}: {refused:?}");
        }
    }
}

#[test]
fn a_file_shows_whether_somebody_edited_it() {
    for kind in Kind::value_variants() {
        for job in [reindex("every 1h"), reindex("at 00:05"), Job::Serve] {
            let mut plan = plan(job, "/v");
            plan.environment.clear();
            for piece in plan.pieces(*kind).unwrap() {
                assert_eq!(seal::read(&piece.text), Some(seal::Sealed { job, is_whole: true }), "{}", piece.text);
                let edited = piece.text.replace("/v", "/w");
                // The timer names the vault too, in its description.
                assert_ne!(edited, piece.text);
                assert_eq!(seal::read(&edited), Some(seal::Sealed { job, is_whole: false }));
            }
        }
    }
    assert_eq!(seal::read("[Unit]\n"), None);
    assert_eq!(seal::read("# journal-schedule x"), None);
    assert_eq!(seal::read("# journal-schedule 00000000000000000000000000000é reindex every 1h;"), None);
}

#[test]
fn a_crontab_keeps_every_other_byte() {
    let (job, key) = (reindex("every 1h"), "k1");
    let lines = |when: &str, key: &str| {
        Plan { key: key.to_owned(), ..plan(reindex(when), "/v") }.pieces(Kind::Cron).unwrap().remove(0).text
    };
    let theirs: &[u8] = b"MAILTO=me\n# mine \xff\n* * * * * true\r\n";
    let with = crontab::with(theirs, job, key, &lines("every 1h", key));
    assert_eq!(with, [theirs, lines("every 1h", key).as_bytes()].concat());
    // Another vault's, and another time.
    let both = crontab::with(&with, job, "k2", &lines("at 04:00", "k2"));
    let changed = crontab::with(&both, job, key, &lines("at 03:00", key));
    assert_eq!(changed, [theirs, lines("at 03:00", key).as_bytes(), lines("at 04:00", "k2").as_bytes()].concat());
    assert_eq!(crontab::without(&crontab::without(&changed, job, key), job, "k2"), theirs);
    assert_eq!(crontab::without(&changed, Job::Serve, key), changed);
    assert_eq!(crontab::without(theirs, job, key), theirs);
    // Only the mark is left, above a comment of theirs.
    let mark = lines("every 1h", key).lines().next().unwrap().to_owned() + "\n";
    let left = [mark.as_bytes(), b"# theirs\n"].concat();
    let (from, to, found) = crontab::find(&left, job, key).unwrap();
    assert_eq!((from, to, found.as_str()), (0, mark.len(), mark.as_str()));
    assert!(!seal::read(&found).unwrap().is_whole);
}

#[test]
fn times_that_all_can_be_told() {
    for text in ["5m", "10min", "15m", "30m", "1h", "60m", "2h", "12h", "24h", "1d"] {
        assert!(text.parse::<Every>().is_ok(), "{text}");
    }
    for text in ["", "h", "1", "1m", "7m", "45m", "90m", "5h", "0h", "2d", "1w", "-1h", "99999999999h", "4294967295d"] {
        assert!(text.parse::<Every>().is_err(), "{text}");
    }
    assert_eq!(["60m", "24h", "15m"].map(|text| text.parse::<Every>().unwrap().to_string()), ["1h", "1d", "15m"]);
    for text in ["03:00", "3:00", "23:59", "0:0"] {
        assert!(text.parse::<TimeOfDay>().is_ok(), "{text}");
    }
    for text in ["24:00", "3", "3:60", "-1:00", "+3:00", "003:00", "3:0:0", ""] {
        assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
    }
}

#[test]
fn the_next_time() {
    let next = |when: &str, now: &str, zone: &str| {
        let now = now.parse::<Timestamp>().unwrap().to_zoned(TimeZone::get(zone).unwrap());
        when.parse::<When>().unwrap().next(&now).unwrap().timestamp().to_string()
    };
    assert_eq!(next("every 15m", "2026-11-21T10:02:00Z", "UTC"), "2026-11-21T10:15:00Z");
    assert_eq!(next("every 1h", "2026-11-21T10:00:00Z", "UTC"), "2026-11-21T11:00:00Z");
    assert_eq!(next("every 1d", "2026-12-31T10:00:00Z", "UTC"), "2027-01-01T00:00:00Z");
    assert_eq!(next("every 12h", "2026-12-31T23:59:59Z", "UTC"), "2027-01-01T00:00:00Z");
    assert_eq!(next("at 03:00", "2026-11-21T02:59:59Z", "UTC"), "2026-11-21T03:00:00Z");
    assert_eq!(next("at 03:00", "2026-11-21T03:00:00Z", "UTC"), "2026-11-22T03:00:00Z");
    // By the clock on the wall: summer time ended on the day before.
    assert_eq!(next("at 03:00", "2026-10-25T12:00:00Z", "Europe/Berlin"), "2026-10-26T02:00:00Z");
}
