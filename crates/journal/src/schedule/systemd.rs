//! Units of the user's systemd: a service, and a timer that starts it.

use super::{Job, Piece, Plan, When, seal};

/// What both services are kept from; all of it works without privileges and in containers.
const HARDENED: &str = "\
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
";

/// The unit that is enabled: the timer of a reindex, the service of a server.
pub fn unit(job: Job, key: &str) -> String {
    match job {
        Job::Reindex(_) => format!("journal-reindex-{key}.timer"),
        Job::Serve => service(job, key),
    }
}

/// What starts the unit that is enabled.
pub fn wanted_by(job: Job) -> &'static str {
    match job {
        Job::Reindex(_) => "timers.target",
        Job::Serve => "default.target",
    }
}

/// Names of all units of a job.
pub fn units(job: Job, key: &str) -> Vec<String> {
    match job {
        Job::Reindex(_) => vec![service(job, key), unit(job, key)],
        Job::Serve => vec![service(job, key)],
    }
}

fn service(job: Job, key: &str) -> String {
    format!("journal-{}-{key}.service", job.word())
}

/// The units.
pub(super) fn pieces(plan: &Plan) -> Vec<Piece> {
    let seal = seal::line(plan.job);
    let about = specifiers(&plan.about());
    let head = format!("# {seal} edit it and `journal schedule` leaves it alone\n[Unit]\nDescription={about}\n");
    let (run, wanted_by) = (run(plan), wanted_by(plan.job));
    let (service_text, timer) = match plan.job {
        Job::Reindex(when) => {
            let service = format!(
                "{head}\n[Service]\nType=oneshot\n{run}\
                 # Some notes could not be read: told by `journal doctor`, and no failure of the service.\n\
                 SuccessExitStatus=4\nNice=19\nCPUSchedulingPolicy=batch\nCPUWeight=10\nIOSchedulingClass=idle\nIOWeight=10\n\
                 {HARDENED}"
            );
            let timer = format!(
                "{head}\n[Timer]\nOnCalendar={}\n# A run that the machine slept through is made up for.\nPersistent=true\n\n\
                 [Install]\nWantedBy={wanted_by}\n",
                calendar(when)
            );
            (service, Some(timer))
        }
        Job::Serve => {
            let service = format!(
                "{head}\n[Service]\n# Started is what can be called: whoever starts it is told when that fails.\nType=notify\n\
                 {run}Restart=on-failure\nRestartSec=5\n\
                 # The configuration must change, or another server must go.\nRestartPreventExitStatus=2 3\n{HARDENED}\n[Install]\n\
                 WantedBy={wanted_by}\n"
            );
            (service, None)
        }
    };
    let named = units(plan.job, &plan.key).into_iter().zip([Some(service_text), timer].into_iter().flatten());
    named.map(|(name, text)| Piece { name, text: seal::sealed(&text) }).collect()
}

fn run(plan: &Plan) -> String {
    let mut text = String::new();
    for (name, value) in &plan.environment {
        text.push_str(&format!("Environment={}\n", quoted(&format!("{name}={value}"))));
    }
    let words = plan.arguments.iter().map(|word| argument(word));
    let words: Vec<_> = std::iter::once(quoted(&plan.program)).chain(words).collect();
    text.push_str(&format!("ExecStart={}\n", words.join(" ")));
    text
}

/// Behind the program a dollar begins a variable.
pub(super) fn argument(word: &str) -> String {
    quoted(word).replace('$', "$$")
}

/// A word as `systemd.syntax(7)` takes it.
fn quoted(word: &str) -> String {
    format!("\"{}\"", specifiers(word).replace('\\', r"\\").replace('"', "\\\""))
}

/// A percent sign begins a specifier.
fn specifiers(text: &str) -> String {
    text.replace('%', "%%")
}

/// As `systemd.time(7)` writes it.
fn calendar(when: When) -> String {
    match when {
        When::At(time) => format!("*-*-* {time}:00"),
        When::Every(every) => match every.minutes() {
            60 => "*-*-* *:00:00".to_owned(),
            minutes @ ..60 => format!("*-*-* *:00/{minutes}:00"),
            1440 => "*-*-* 00:00:00".to_owned(),
            minutes => format!("*-*-* 00/{}:00:00", minutes / 60),
        },
    }
}
