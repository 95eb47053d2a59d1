// Types of DMN: a value is turned into the type that the designer wrote down, or it is a mistake that is told.
import { builtins } from '@bpmn-io/feelin';
import { DateTime, Duration } from 'luxon';
import { readers } from './values.js';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const DATE = /^-?\d{4,9}-\d\d-\d\d$/;
const DATE_TIME = /^-?\d{4,9}-\d\d-\d\dT/;
const TIME = /^\d\d:\d\d/;
const NOT = Symbol('not of this type');

export class TypeMismatch extends Error {
  constructor(value, type) {
    super(`${JSON.stringify(value)} is no ${type}`);
    this.name = 'wrong-type';
    this.type = type;
  }
}

const valid = (value) => (value.isValid ? value : NOT);

function toNumber(value) {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : NOT;
}

function toBoolean(value) {
  if (typeof value === 'boolean') return value;
  return { true: true, false: false }[value] ?? NOT;
}

function toText(value) {
  if (typeof value === 'string') return value;
  const written =
    ['number', 'boolean'].includes(typeof value) || DateTime.isDateTime(value) || Duration.isDuration(value);
  return written ? builtins.string(value) : NOT;
}

// A date and time stays what it is where a date is asked for: cells of many tables compare it as such.
function toDate(value) {
  if (DateTime.isDateTime(value)) return value;
  if (typeof value !== 'string') return NOT;
  if (DATE.test(value)) return valid(readers.date(value));
  return DATE_TIME.test(value) ? valid(readers.datetime(value)) : NOT;
}

function toDateTime(value) {
  if (DateTime.isDateTime(value)) return value;
  if (typeof value !== 'string') return NOT;
  if (DATE_TIME.test(value)) return valid(readers.datetime(value));
  return DATE.test(value) ? valid(readers.datetime(value + 'T00:00:00')) : NOT;
}

function toTime(value) {
  if (DateTime.isDateTime(value)) return value;
  return typeof value === 'string' && TIME.test(value) ? valid(readers.time(value)) : NOT;
}

function toDuration(value) {
  if (Duration.isDuration(value)) return value;
  return typeof value === 'string' && /^[+-]?P/.test(value) ? valid(readers.duration(value)) : NOT;
}

const CONVERSIONS = {
  number: toNumber,
  integer: toNumber,
  long: toNumber,
  double: toNumber,
  boolean: toBoolean,
  string: toText,
  date: toDate,
  dateTime: toDateTime,
  dateAndTime: toDateTime,
  'date and time': toDateTime,
  time: toTime,
  duration: toDuration,
  dayTimeDuration: toDuration,
  yearMonthDuration: toDuration,
  'days and time duration': toDuration,
  'years and months duration': toDuration,
};

const same = (value) => value ?? null;

function builtIn(name) {
  const conversion = CONVERSIONS[name];
  if (!conversion) return same;
  return (value) => {
    if (value === null || value === undefined) return null;
    // A list of one is its item where one value is asked for (DMN 1.5, 10.3.2.9.4).
    const found = conversion(Array.isArray(value) && value.length === 1 ? value[0] : value);
    if (found === NOT) throw new TypeMismatch(value, name);
    return found;
  };
}

export class Types {
  // `items` are item definitions by name; `tests(text)` parses unary tests into (value, scope) => boolean.
  constructor(items, tests) {
    this.items = items;
    this.tests = tests;
    this.known = new Map();
  }

  // A function that turns a value into a type.
  into(name) {
    if (!name) return same;
    let found = this.known.get(name);
    if (!found) {
      const item = this.items[name];
      if (item) this.known.set(name, (value) => found(value));
      found = item ? this.defined(item) : builtIn(name);
      this.known.set(name, found);
    }
    return found;
  }

  // The unary tests of a type's allowed values, or an empty text.
  allowed(name) {
    return this.items[name]?.allowed || '';
  }

  // What the values of a type look like: FEEL texts are parsed by the names in it.
  shape(name, depth = 0) {
    const item = typeof name === 'string' ? this.items[name] : name;
    if (!item || depth > 8) return null;
    const one = item.components.length
      ? Object.fromEntries(item.components.map((part) => [part.name, this.shape(part, depth + 1)]))
      : this.shape(item.base, depth + 1);
    return item.collection ? [one] : one;
  }

  defined(item) {
    const one = this.restricted(item, item.components.length ? this.composed(item) : this.into(item.base));
    if (!item.collection) return one;
    return (value) =>
      value === null || value === undefined ? null : (Array.isArray(value) ? value : [value]).map(one);
  }

  composed(item) {
    const parts = item.components.map((part) => [part.name, this.defined(part)]);
    return (value) => {
      if (value === null || value === undefined) return null;
      if (typeof value !== 'object' || Array.isArray(value)) throw new TypeMismatch(value, item.name);
      return { ...value, ...Object.fromEntries(parts.map(([name, turn]) => [name, turn(value[name])])) };
    };
  }

  restricted(item, turn) {
    if (!item.allowed) return turn;
    const passes = this.tests(item.allowed);
    return (value) => {
      const turned = turn(value);
      if (turned !== null && !passes(turned, {})) {
        throw Object.assign(new Error('not allowed: ' + JSON.stringify(value)), { name: 'not-allowed' });
      }
      return turned;
    };
  }
}
