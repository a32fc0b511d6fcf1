//! Cursors: where a page ended, as a text that only this server reads.

use crate::refusal::Refusal;

/// Writes a cursor of some kind, which is a letter, over what it must remember.
pub(crate) fn write(kind: char, parts: &[&str]) -> String {
    let text = format!("{kind}{}", parts.join("\n"));
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a cursor of a kind with so many parts.
///
/// # Errors
/// When it is none, or one of another tool.
pub(crate) fn read<const PARTS: usize>(kind: char, cursor: &str) -> Result<[String; PARTS], Refusal> {
    let read = || {
        let digits = cursor.trim().as_bytes();
        let pairs = digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        let text = String::from_utf8(pairs.collect::<Option<Vec<u8>>>()?).ok()?;
        let parts: Vec<String> = text.strip_prefix(kind)?.split('\n').map(str::to_owned).collect();
        parts.try_into().ok()
    };
    read().ok_or_else(|| {
        Refusal::arguments(
            "`cursor` is none that this tool gave".to_owned(),
            "leave `cursor` out to begin with the first page, or send it as it came".to_owned(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_whole_and_only_to_its_tool() {
        let cursor = write('h', &["01KAJ", "", "é"]);
        assert!(cursor.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(read::<3>('h', &cursor).unwrap(), ["01KAJ", "", "é"]);
        assert!(read::<2>('h', &cursor).is_err());
        for wrong in ["", "6", "zz", "ff", "68e", "é"] {
            assert!(read::<3>('h', wrong).is_err(), "{wrong}");
        }
        assert!(read::<3>('s', &cursor).is_err());
    }
}
