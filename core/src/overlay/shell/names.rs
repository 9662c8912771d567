//! The words of the C locale for errors, modes, owners and times.

use crate::overlay::{FileType, Stat, errno::Errno};

impl Errno {
    /// What strerror(3) says.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::EPERM => "Operation not permitted",
            Self::ENOENT => "No such file or directory",
            Self::EIO => "Input/output error",
            Self::ENOSPC => "No space left on device",
            Self::ENXIO => "No such device or address",
            Self::E2BIG => "Argument list too long",
            Self::EACCES => "Permission denied",
            Self::EBUSY => "Device or resource busy",
            Self::EEXIST => "File exists",
            Self::EXDEV => "Invalid cross-device link",
            Self::ENOTDIR => "Not a directory",
            Self::EISDIR => "Is a directory",
            Self::EINVAL => "Invalid argument",
            Self::EFBIG => "File too large",
            Self::ERANGE => "Numerical result out of range",
            Self::ENAMETOOLONG => "File name too long",
            Self::ENOTEMPTY => "Directory not empty",
            Self::ELOOP => "Too many levels of symbolic links",
            Self::ENODATA => "No data available",
            Self::EOPNOTSUPP => "Operation not supported",
        }
    }
}

/// `drwxr-xr-t`.
pub(super) fn mode_letters(stat: &Stat) -> String {
    let first = match stat.file_type {
        FileType::File => '-',
        FileType::Directory => 'd',
        FileType::Symlink => 'l',
        FileType::CharDevice => 'c',
        FileType::BlockDevice => 'b',
        FileType::Fifo => 'p',
        FileType::Socket => 's',
    };
    let mode = stat.mode;
    let mut out = String::from(first);
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        out.push(if bits & 4 != 0 { 'r' } else { '-' });
        out.push(if bits & 2 != 0 { 'w' } else { '-' });
        out.push(match (bits & 1 != 0, mode & special != 0) {
            (true, false) => 'x',
            (false, false) => '-',
            (true, true) => letter,
            (false, true) => letter.to_ascii_uppercase(),
        });
    }
    out
}

/// The words of stat(1).
pub(super) fn type_words(stat: &Stat) -> &'static str {
    match stat.file_type {
        FileType::File if stat.size == 0 => "regular empty file",
        FileType::File => "regular file",
        FileType::Directory => "directory",
        FileType::Symlink => "symbolic link",
        FileType::CharDevice => "character special file",
        FileType::BlockDevice => "block special file",
        FileType::Fifo => "fifo",
        FileType::Socket => "socket",
    }
}

/// Only root has a name: the learner's machine has no user database to look into.
pub(super) fn owner(id: u32) -> String {
    if id == 0 { "root".into() } else { id.to_string() }
}

pub(super) fn owner_number(name: &str) -> Option<u32> {
    if name == "root" { Some(0) } else { name.parse().ok() }
}

/// Year, month (from 1), day, hour, minute, second; UTC.
pub(in crate::overlay) struct Time {
    pub year: i64,
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
}

impl Time {
    /// The proleptic Gregorian calendar, by counting from 1 March of the year 0, so that leap days come last.
    pub fn from_epoch(seconds: i64) -> Self {
        let days = seconds.div_euclid(86_400);
        let of_day = seconds.rem_euclid(86_400) as u32;
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u32;
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: (of_year - (153 * shifted_month + 2) / 5 + 1) as u32,
            hour: of_day / 3600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
        }
    }

    /// As `ls -l` has it: the time of day for the last half year, the year for the rest.
    pub fn listed(seconds: i64, now: i64) -> String {
        let Self { year, month, day, hour, minute, .. } = Self::from_epoch(seconds);
        let name = MONTHS[month as usize - 1];
        let recent = seconds <= now && now.saturating_sub(seconds) < 15_778_476;
        if recent { format!("{name} {day:>2} {hour:02}:{minute:02}") } else { format!("{name} {day:>2}  {year}") }
    }

    pub fn rfc3339(seconds: i64) -> String {
        let Self { year, month, day, hour, minute, second } = Self::from_epoch(seconds);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }

    pub fn full(seconds: i64) -> String {
        let Self { year, month, day, hour, minute, second } = Self::from_epoch(seconds);
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.000000000 +0000")
    }
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;

    /// The values were computed with `date -u -d @N`.
    #[test]
    fn times_are_those_of_date() {
        for (seconds, shown) in [
            (0, "1970-01-01 00:00:00.000000000 +0000"),
            (951_782_400, "2000-02-29 00:00:00.000000000 +0000"),
            (1_709_251_199, "2024-02-29 23:59:59.000000000 +0000"),
            (-1, "1969-12-31 23:59:59.000000000 +0000"),
            (4_107_542_400, "2100-03-01 00:00:00.000000000 +0000"),
        ] {
            assert_eq!(Time::full(seconds), shown);
        }
        assert_eq!(Time::listed(0, 60), "Jan  1 00:00");
        assert_eq!(Time::listed(0, 20_000_000), "Jan  1  1970");
    }
}
