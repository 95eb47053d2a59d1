// Values that JSON does not know cross the border as {[TAG]: [kind, text]}; engine/expressions/values.py is the other end.
import { DateTime, Duration, FixedOffsetZone } from 'luxon';

const TAG = '\u0001';

export const readers = {
  date: (text) => DateTime.fromISO(text + 'T00:00:00', { zone: FixedOffsetZone.utcInstance }),
  datetime: (text) => DateTime.fromISO(text),
  time: (text) => DateTime.fromISO('1900-01-01T' + text, { setZone: true }),
  duration: (text) => Duration.fromISO(text),
};

function revive(value) {
  if (Array.isArray(value)) return value.map(revive);
  if (value === null || typeof value !== 'object') return value;
  const tagged = value[TAG];
  if (tagged !== undefined) return readers[tagged[0]](tagged[1]);
  const out = {};
  for (const key of Object.keys(value)) if (key !== '__proto__') out[key] = revive(value[key]);
  return out;
}

export function read(text) {
  const value = JSON.parse(text);
  return text.includes('\\u0001') || text.includes('__proto__') ? revive(value) : value;
}

const isDate = (d) => d.hour + d.minute + d.second + d.millisecond === 0 && d.zone === FixedOffsetZone.utcInstance;

function fromDateTime(d) {
  if (!d.isValid) return null;
  if (d.year === 1900 && d.month === 1 && d.day === 1) {
    return { [TAG]: ['time', d.toISOTime({ includeOffset: d.zone.type !== 'system' })] };
  }
  return isDate(d) ? { [TAG]: ['date', d.toISODate()] } : { [TAG]: ['datetime', d.toISO()] };
}

function fromDuration(d) {
  if (!d.isValid) return null;
  const { years = 0, quarters = 0, months = 0, ...rest } = d.toObject();
  return { [TAG]: ['duration', [years * 12 + quarters * 3 + months, Duration.fromObject(rest).toMillis()]] };
}

// Turn a FEEL value into one that JSON can carry. Functions cannot leave the sandbox.
export function plain(value) {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'function') throw new Error('a function is not a value');
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(plain);
  if (DateTime.isDateTime(value)) return fromDateTime(value);
  if (Duration.isDuration(value)) return fromDuration(value);
  if (typeof value.includes === 'function') {
    return {
      start: plain(value.start), end: plain(value.end),
      'start included': value['start included'], 'end included': value['end included'],
    };
  }
  if (typeof value.invoke === 'function') throw new Error('a function is not a value');
  const out = {};
  for (const key of Object.keys(value)) if (key !== '__proto__') out[key] = plain(value[key]);
  return out;
}
