//! A task of the Windows Task Scheduler, as XML.

use super::{Job, Kind, Piece, Plan, PlanError, When, seal, xml};

/// The task's name, in a folder of ours.
pub fn name(job: Job, key: &str) -> String {
    format!(r"\journal\{} {key}", job.word())
}

/// The task.
pub(super) fn piece(plan: &Plan) -> Result<Piece, PlanError> {
    if let Some((variable, _)) = plan.environment.first() {
        return Err(PlanError::Variable { variable, kind: Kind::TaskScheduler });
    }
    for sign in ["%", "$("] {
        if let Some(text) = std::iter::once(&plan.program).chain(&plan.arguments).find(|text| text.contains(sign)) {
            return Err(PlanError::Sign { text: text.clone(), sign, kind: Kind::TaskScheduler });
        }
    }
    let trigger = match plan.job {
        Job::Reindex(When::At(time)) => format!(
            "<CalendarTrigger>\n      <StartBoundary>2026-01-01T{time}:00</StartBoundary>\n      \
             <ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>\n    </CalendarTrigger>"
        ),
        Job::Reindex(When::Every(every)) => format!(
            "<TimeTrigger>\n      <Repetition><Interval>PT{}M</Interval></Repetition>\n      \
             <StartBoundary>2026-01-01T00:00:00</StartBoundary>\n    </TimeTrigger>",
            every.minutes()
        ),
        Job::Serve => "<LogonTrigger><Enabled>true</Enabled></LogonTrigger>".to_owned(),
    };
    // 10 is the lowest priority, 5 that of an ordinary program.
    let settings = match plan.job {
        Job::Reindex(_) => {
            "<Priority>10</Priority>\n    <StartWhenAvailable>true</StartWhenAvailable>\n    \
             <ExecutionTimeLimit>PT6H</ExecutionTimeLimit>"
        }
        Job::Serve => {
            "<Priority>5</Priority>\n    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>\n    \
             <RestartOnFailure><Interval>PT1M</Interval><Count>10</Count></RestartOnFailure>"
        }
    };
    let (seal, about) = (seal::line(plan.job), xml(&plan.about()));
    let command = xml(&plan.program);
    let arguments = xml(&plan.arguments.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "));
    // Without an encoding: in a file it is UTF-16 with its mark, on a terminal it is UTF-8.
    let text = format!(
        r#"<?xml version="1.0"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Source>{seal}</Source>
    <Description>{about}</Description>
  </RegistrationInfo>
  <Triggers>
    {trigger}
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    {settings}
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{command}</Command>
      <Arguments>{arguments}</Arguments>
    </Exec>
  </Actions>
</Task>
"#
    );
    Ok(Piece { name: name(plan.job, &plan.key), text: seal::sealed(&text) })
}

/// The task as the bytes of a file that `schtasks` reads: UTF-16 with its mark.
pub fn bytes(text: &str) -> Vec<u8> {
    std::iter::once('\u{feff}')
        .chain(text.chars())
        .collect::<String>()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect()
}

/// A word as the C runtime of Windows takes it apart: backslashes count only before a quote.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./\\=:,+@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    let mut text = String::from("\"");
    let mut backslashes = 0;
    for c in word.chars() {
        match c {
            '\\' => backslashes += 1,
            '"' => {
                text.push_str(&"\\".repeat(backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        text.push(c);
    }
    text.push_str(&"\\".repeat(backslashes));
    text.push('"');
    text
}
