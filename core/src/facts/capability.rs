//! File capabilities: what `security.capability` holds, in the words of `getcap`.
//!
//! Source: linux/capability.h (`vfs_cap_data`, revisions 1 to 3).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The extended attribute that holds them.
pub const XATTR: &[u8] = b"security.capability";

/// Capabilities that a process gains by executing the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCapabilities {
    /// One bit a capability, bit 0 is `cap_chown`.
    pub permitted: u64,
    pub inheritable: u64,
    /// The permitted ones are in force at once, without the program asking.
    pub effective: bool,
    /// The user that is root of the namespace they hold in; revision 3 only.
    pub root_id: Option<u32>,
}

const NAMES: [&str; 41] = [
    "cap_chown",
    "cap_dac_override",
    "cap_dac_read_search",
    "cap_fowner",
    "cap_fsetid",
    "cap_kill",
    "cap_setgid",
    "cap_setuid",
    "cap_setpcap",
    "cap_linux_immutable",
    "cap_net_bind_service",
    "cap_net_broadcast",
    "cap_net_admin",
    "cap_net_raw",
    "cap_ipc_lock",
    "cap_ipc_owner",
    "cap_sys_module",
    "cap_sys_rawio",
    "cap_sys_chroot",
    "cap_sys_ptrace",
    "cap_sys_pacct",
    "cap_sys_admin",
    "cap_sys_boot",
    "cap_sys_nice",
    "cap_sys_resource",
    "cap_sys_time",
    "cap_sys_tty_config",
    "cap_mknod",
    "cap_lease",
    "cap_audit_write",
    "cap_audit_control",
    "cap_setfcap",
    "cap_mac_override",
    "cap_mac_admin",
    "cap_syslog",
    "cap_wake_alarm",
    "cap_block_suspend",
    "cap_audit_read",
    "cap_perfmon",
    "cap_bpf",
    "cap_checkpoint_restore",
];

impl FileCapabilities {
    /// `None` for a value of another length or of a revision that does not exist.
    pub fn decode(value: &[u8]) -> Option<Self> {
        let word = |at: usize| Some(u32::from_le_bytes(value.get(at * 4..at * 4 + 4)?.try_into().ok()?));
        let magic = word(0)?;
        let (words, root_id) = match (magic >> 24, value.len()) {
            (1, 12) => (1, None),
            (2, 20) => (2, None),
            (3, 24) => (2, Some(word(5)?)),
            _ => return None,
        };
        let both = |first: usize| {
            Some(u64::from(word(first)?) | u64::from(if words == 2 { word(first + 2)? } else { 0 }) << 32)
        };
        Some(Self { permitted: both(1)?, inheritable: both(2)?, effective: magic & 1 == 1, root_id })
    }
}

/// `cap_net_admin,cap_net_raw=ep`.
impl fmt::Display for FileCapabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |set: u64| {
            let name = |bit: usize| NAMES.get(bit).map_or_else(|| bit.to_string(), |name| (*name).to_owned());
            (0..64).filter(|bit| set >> bit & 1 == 1).map(name).collect::<Vec<_>>().join(",")
        };
        let e = if self.effective { "e" } else { "" };
        let mut parts = Vec::new();
        for (set, flags) in [
            (self.permitted & self.inheritable, "ip"),
            (self.permitted & !self.inheritable, "p"),
            (self.inheritable & !self.permitted, "i"),
        ] {
            if set != 0 {
                parts.push(format!("{}={e}{flags}", names(set)));
            }
        }
        if parts.is_empty() {
            parts.push("=".into());
        }
        if let Some(id) = self.root_id {
            parts.push(format!("[rootid={id}]"));
        }
        f.write_str(&parts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes are those of `setcap` and `getfattr`, the words those of `getcap`.
    #[test]
    fn capabilities_read_as_getcap_prints_them() {
        let ping = b"\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        assert_eq!(FileCapabilities::decode(ping).unwrap().to_string(), "cap_net_raw=ep");
        let bpf = b"\0\0\0\x03\0\0\0\0\0\0\0\0\x80\0\0\0\0\0\0\0\xe8\x03\0\0";
        assert_eq!(FileCapabilities::decode(bpf).unwrap().to_string(), "cap_bpf=p [rootid=1000]");
        let both = b"\0\0\0\x01\x03\0\0\0\x02\0\0\0";
        assert_eq!(FileCapabilities::decode(both).unwrap().to_string(), "cap_dac_override=ip cap_chown=p");
        for damaged in [&b""[..], b"\0\0\0\x02", b"\0\0\0\x04\0\0\0\0\0\0\0\0", &ping[..19]] {
            assert_eq!(FileCapabilities::decode(damaged), None);
        }
    }
}
