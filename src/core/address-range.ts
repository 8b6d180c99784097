/**
 * Ranges of client addresses: an IPv4 address or network, or IPv6 networks of at least a /64, which is one customer's.
 * Longer IPv6 prefixes are taken as their /64.
 */

export interface AddressRange {
  readonly family: 4 | 6;
  /** Of IPv4 all 32 bits, of IPv6 the first 64; those behind the prefix are 0. */
  readonly bits: bigint;
  readonly prefix: number;
}

const widths = { 4: 32, 6: 64 } as const;
const octet = /^(?:0|[1-9]\d{0,2})$/;
const group = /^[0-9a-f]{1,4}$/i;
const longestText = 64;

/** Reads `192.0.2.7`, `192.0.2.0/24`, `2001:db8::1` or `2001:db8::/32`; undefined if it is none of these. */
export function parseRange(text: string): AddressRange | undefined {
  if (text.length > longestText) return undefined;
  const [, address = '', length] = /^([^/%]+)(?:%[^/]*)?(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? [];
  const ipv4 = parseIpv4(address);
  if (ipv4 !== undefined) return rangeOf(4, ipv4, length === undefined ? 32 : Number(length), 32);
  const ipv6 = parseIpv6(address);
  if (ipv6 === undefined) return undefined;
  const prefix = length === undefined ? 128 : Number(length);
  // IPv4 as a socket for both has it.
  if (ipv6 >> 32n === 0xffffn && prefix >= 96) return rangeOf(4, ipv6 & 0xffffffffn, prefix - 96, 32);
  return rangeOf(6, ipv6 >> 64n, Math.min(prefix, 64), prefix > 128 ? -1 : 64);
}

/** The range of this prefix around another one; as it is if that is as wide already. */
export function widened({ family, bits, prefix }: AddressRange, to: number): AddressRange {
  const rest = BigInt(widths[family] - Math.min(to, prefix));
  return { family, bits: (bits >> rest) << rest, prefix: Math.min(to, prefix) };
}

/** The one way in which a range is written: an IPv4 address alone without its prefix. */
export function rangeText({ family, bits, prefix }: AddressRange): string {
  const partBits = family === 4 ? 8n : 16n;
  const parts = [3n, 2n, 1n, 0n].map((place) => (bits >> (place * partBits)) & ((1n << partBits) - 1n));
  if (family === 6) return `${parts.map((part) => part.toString(16)).join(':')}::/${prefix}`;
  return prefix === 32 ? parts.join('.') : `${parts.join('.')}/${prefix}`;
}

function rangeOf(family: 4 | 6, bits: bigint, prefix: number, maxPrefix: number): AddressRange | undefined {
  if (prefix > maxPrefix) return undefined;
  return widened({ family, bits, prefix: widths[family] }, prefix);
}

function parseIpv4(text: string): bigint | undefined {
  const octets = text.split('.');
  if (octets.length !== 4 || !octets.every((part) => octet.test(part) && Number(part) < 256))
    return undefined;
  return octets.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | undefined {
  const lastColon = text.lastIndexOf(':');
  if (lastColon < 0) return undefined;
  const ipv4 = text.includes('.') ? parseIpv4(text.slice(lastColon + 1)) : 0n;
  if (ipv4 === undefined) return undefined;
  const tail = `${(ipv4 >> 16n).toString(16)}:${(ipv4 & 0xffffn).toString(16)}`;
  const plain = text.includes('.') ? text.slice(0, lastColon + 1) + tail : text;
  const halves = plain.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const [left = [], right = []] = halves;
  const missing = 8 - left.length - right.length;
  if (halves.length > 2 || (halves.length === 2 ? missing < 1 : missing !== 0)) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right];
  if (!groups.every((part) => group.test(part))) return undefined;
  return groups.reduce((bits, part) => (bits << 16n) | BigInt(`0x${part}`), 0n);
}
