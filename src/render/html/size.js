// Numbers as the tables have them: the same rounding as `render/size.rs`, in whole numbers.

const UNITS = {
  si: [1000n, ["kB", "MB", "GB", "TB", "PB", "EB"]],
  iec: [1024n, ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]],
};

function count(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

function plural(number, one, many) {
  return number === 1 ? `1 ${one}` : `${count(number)} ${many}`;
}

function size(bytes, unit = data.unit) {
  if (unit === "bytes") return `${count(bytes)} B`;
  const [step, units] = UNITS[unit];
  const exact = BigInt(bytes);
  if (exact < step) return `${exact} B`;
  const rounded = (digits, divisor) => (exact * 10n ** digits + divisor / 2n) / divisor;
  let divisor = step;
  let at = 0;
  while (at + 1 < units.length && rounded(0n, divisor) >= step) {
    divisor *= step;
    at += 1;
  }
  const hundredths = rounded(2n, divisor);
  if (hundredths < 1000n) return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, "0")} ${units[at]}`;
  const tenths = rounded(1n, divisor);
  if (tenths < 1000n) return `${tenths / 10n}.${tenths % 10n} ${units[at]}`;
  return `${rounded(0n, divisor)} ${units[at]}`;
}

function signed(bytes, unit = data.unit) {
  const sign = bytes > 0 ? "+" : bytes < 0 ? "−" : "";
  return sign + size(Math.abs(bytes), unit);
}

function percent(part, whole) {
  if (whole === 0) return "0 %";
  const tenths = (BigInt(part) * 1000n + BigInt(whole) / 2n) / BigInt(whole);
  return `${tenths / 10n}.${tenths % 10n} %`;
}
