//! The property list of a launchd agent.

use std::fmt::Write as _;

use super::{Job, Piece, Plan, When, seal, xml};

/// The agent's name.
pub fn label(job: Job, key: &str) -> String {
    format!("journal.{}.{key}", job.word())
}

/// The name of its file.
pub fn file(job: Job, key: &str) -> String {
    format!("{}.plist", label(job, key))
}

/// The file.
pub(super) fn piece(plan: &Plan) -> Piece {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <!-- {} edit it and `journal schedule` leaves it alone -->\n\
         <plist version=\"1.0\">\n<dict>\n",
        seal::line(plan.job)
    );
    let mut line = |text_line: String| writeln!(text, "  {text_line}").expect("a string takes text");
    line(pair("Label", &string(&label(plan.job, &plan.key))));
    line("<key>ProgramArguments</key>".to_owned());
    line("<array>".to_owned());
    for word in std::iter::once(&plan.program).chain(&plan.arguments) {
        line(format!("  {}", string(word)));
    }
    line("</array>".to_owned());
    if !plan.environment.is_empty() {
        line("<key>EnvironmentVariables</key>".to_owned());
        line("<dict>".to_owned());
        for (name, value) in &plan.environment {
            line(format!("  {}", pair(name, &string(value))));
        }
        line("</dict>".to_owned());
    }
    match plan.job {
        Job::Reindex(when) => {
            match when {
                When::Every(every) => line(pair("StartInterval", &integer(every.minutes() * 60))),
                When::At(time) => {
                    line("<key>StartCalendarInterval</key>".to_owned());
                    line("<dict>".to_owned());
                    line(format!("  {}", pair("Hour", &integer(time.hour))));
                    line(format!("  {}", pair("Minute", &integer(time.minute))));
                    line("</dict>".to_owned());
                }
            }
            line(pair("ProcessType", &string("Background")));
            line(pair("LowPriorityIO", "<true/>"));
            line(pair("LowPriorityBackgroundIO", "<true/>"));
            line(pair("Nice", &integer(19)));
        }
        Job::Serve => {
            line(pair("RunAtLoad", "<true/>"));
            line("<key>KeepAlive</key>".to_owned());
            line("<dict>".to_owned());
            line(format!("  {}", pair("SuccessfulExit", "<false/>")));
            line("</dict>".to_owned());
            line(pair("ThrottleInterval", &integer(30)));
            line(pair("ProcessType", &string("Adaptive")));
        }
    }
    text.push_str("</dict>\n</plist>\n");
    Piece { name: file(plan.job, &plan.key), text: seal::sealed(&text) }
}

fn pair(key: &str, value: &str) -> String {
    format!("<key>{key}</key>{value}")
}

pub(super) fn string(text: &str) -> String {
    format!("<string>{}</string>", xml(text))
}

fn integer(number: u32) -> String {
    format!("<integer>{number}</integer>")
}
