// QuickJS has no Intl; luxon wants one. English names are what FEEL's "day of week" and "month of year" promise.
// Asia/Shanghai has had no daylight saving since 1991, so a fixed offset is exact for everything a campaign does.
const SHANGHAI = 'Asia/Shanghai';
const OFFSET_MINUTES = 480;

function DateTimeFormat(locale, options = {}) {
  const zone = options.timeZone || SHANGHAI;
  const minutes = { [SHANGHAI]: OFFSET_MINUTES, UTC: 0 }[zone];
  if (minutes === undefined) throw new RangeError('unknown time zone ' + zone);
  const parts = (date) => {
    const x = new Date(+date + minutes * 60000);
    const part = (type, value, width = 2) => ({ type, value: String(value).padStart(width, '0') });
    return [
      part('month', x.getUTCMonth() + 1), part('day', x.getUTCDate()), part('year', x.getUTCFullYear(), 4),
      { type: 'era', value: 'AD' },
      part('hour', x.getUTCHours()), part('minute', x.getUTCMinutes()), part('second', x.getUTCSeconds()),
    ];
  };
  return {
    resolvedOptions: () => ({ locale: 'en-US', timeZone: zone, numberingSystem: 'latn', calendar: 'gregory' }),
    format: (date) => new Date(+(date ?? 0) + minutes * 60000).toISOString(),
    formatToParts: parts,
  };
}

function NumberFormat() {
  return { format: String, resolvedOptions: () => ({ locale: 'en-US', numberingSystem: 'latn' }) };
}

globalThis.Intl = { DateTimeFormat, NumberFormat };
Date.prototype.getTimezoneOffset = () => -OFFSET_MINUTES;
