//! Addresses and subnets as settings spell them: `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`.

use std::net::IpAddr;

/// Whether it is an address or a subnet.
pub(super) fn is_valid(text: &str) -> bool {
    parse(text).is_some()
}

/// Whether the address is, or is in, what the text says; false when it says nothing.
pub(super) fn contains(text: &str, address: IpAddr) -> bool {
    let address = address.to_canonical();
    match parse(text) {
        Some((net, bits)) => {
            masked(net, bits).is_some_and(|net| masked(address, bits) == Some(net)) && same(net, address)
        }
        None => false,
    }
}

fn same(one: IpAddr, two: IpAddr) -> bool {
    one.is_ipv4() == two.is_ipv4()
}

fn parse(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let all = if address.is_ipv4() { 32 } else { 128 };
    let bits = match bits {
        Some(bits) => bits.parse().ok().filter(|bits| *bits <= all)?,
        None => all,
    };
    Some((address, bits))
}

fn masked(address: IpAddr, bits: u32) -> Option<u128> {
    let (value, all) = match address {
        IpAddr::V4(four) => (u128::from(u32::from(four)), 32),
        IpAddr::V6(six) => (u128::from(six), 128),
    };
    let dropped = u32::checked_sub(all, bits)?;
    Some(value.checked_shr(dropped).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subnets_hold_their_addresses_only() {
        for (net, address, inside) in [
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false),
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "::1", false),
            ("::/0", "1.2.3.4", false),
            ("10.0.0.1", "::ffff:10.0.0.1", true),
            ("nonsense", "10.0.0.1", false),
        ] {
            assert_eq!(contains(net, address.parse().expect("address")), inside, "{net} {address}");
        }
        assert!(!is_valid("10.0.0.0/33") && !is_valid("x") && is_valid("::1/128"));
    }
}
