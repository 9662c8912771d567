//! `security.capability` in words.
//!
//! Source: Linux, include/uapi/linux/capability.h (`struct vfs_cap_data`, `struct vfs_ns_cap_data`); capabilities(7).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The xattr that holds a file's capabilities.
pub const XATTR: &[u8] = b"security.capability";

/// The capabilities that a program file gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCapabilities {
    /// 1, 2 or 3.
    pub revision: u8,
    /// The permitted ones take effect as soon as the program runs.
    pub effective: bool,
    /// A bit a capability, by number.
    pub permitted: u64,
    pub inheritable: u64,
    /// Revision 3: the user that is root where they hold.
    pub root_uid: Option<u32>,
}

/// By number, from `CAP_CHOWN`.
const NAMES: [&str; 41] = [
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
];

const REVISION_MASK: u32 = 0xff00_0000;
const EFFECTIVE: u32 = 1;

impl FileCapabilities {
    /// Reads the xattr's value; `None` for what the kernel would refuse.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let (words, rest) = value.as_chunks::<4>();
        let words: Vec<u32> = words.iter().map(|&word| u32::from_le_bytes(word)).collect();
        let magic = *words.first().filter(|_| rest.is_empty())?;
        let revision = ((magic & REVISION_MASK) >> 24) as u8;
        let low_high = |low: u32, high: u32| u64::from(low) | (u64::from(high) << 32);
        let (permitted, inheritable, root_uid) = match (revision, &words[1..]) {
            (1, &[permitted, inheritable]) => (permitted.into(), inheritable.into(), None),
            (2, &[p, i, p_high, i_high]) => (low_high(p, p_high), low_high(i, i_high), None),
            (3, &[p, i, p_high, i_high, root]) => (low_high(p, p_high), low_high(i, i_high), Some(root)),
            _ => return None,
        };
        Some(Self { revision, effective: magic & EFFECTIVE != 0, permitted, inheritable, root_uid })
    }

    /// Names of a set, `cap_` before each; a bit without a name as its number.
    pub fn names(set: u64) -> Vec<String> {
        let set_bits = (0..u64::BITS as usize).filter(|bit| set >> bit & 1 == 1);
        set_bits
            .map(|bit| match NAMES.get(bit) {
                Some(name) => format!("cap_{name}"),
                None => format!("cap_{bit}"),
            })
            .collect()
    }
}

/// As `getcap` prints it: `cap_net_raw=ep`.
impl fmt::Display for FileCapabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let both = self.permitted & self.inheritable;
        let effective = if self.effective { "e" } else { "" };
        let groups = [(both, "ip"), (self.permitted & !both, "p"), (self.inheritable & !both, "i")];
        let mut first = true;
        for (set, flags) in groups.into_iter().filter(|&(set, _)| set != 0) {
            let separator = if std::mem::take(&mut first) { "" } else { " " };
            write!(f, "{separator}{}={effective}{flags}", Self::names(set).join(","))?;
        }
        if first {
            f.write_str("=")?;
        }
        match self.root_uid {
            Some(uid) => write!(f, " [rootid={uid}]"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn said(value: &[u32]) -> Option<String> {
        FileCapabilities::parse(&words(value)).map(|capabilities| capabilities.to_string())
    }

    #[test]
    fn all_three_revisions_are_said_as_getcap_says_them() {
        assert_eq!(said(&[0x0100_0001, 1 << 13, 0]).as_deref(), Some("cap_net_raw=ep"));
        assert_eq!(said(&[0x0200_0000, 1 << 13 | 1 << 12, 0, 0, 0]).as_deref(), Some("cap_net_admin,cap_net_raw=p"));
        assert_eq!(
            said(&[0x0200_0001, 1, 1 | 2, 1 << 7, 0]).as_deref(),
            Some("cap_chown=eip cap_bpf=ep cap_dac_override=ei")
        );
        assert_eq!(
            said(&[0x0300_0001, 1 << 10, 0, 0, 0, 1000]).as_deref(),
            Some("cap_net_bind_service=ep [rootid=1000]")
        );
        assert_eq!(said(&[0x0200_0000, 0, 0, 1 << 31, 0]).as_deref(), Some("cap_63=p"));
        assert_eq!(said(&[0x0200_0000, 0, 0, 0, 0]).as_deref(), Some("="));
    }

    #[test]
    fn what_the_kernel_would_refuse_is_none() {
        for value in [&[][..], &[0x0200_0001, 1], &[0x0400_0000, 1, 0, 0, 0]] {
            assert_eq!(said(value), None);
        }
        assert_eq!(FileCapabilities::parse(&[1, 2, 3]), None);
    }
}
