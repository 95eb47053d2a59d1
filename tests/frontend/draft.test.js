import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Draft } from '../../web/frontend/designer/workspace/draft.js';
import { RequestFailed } from '../../web/frontend/designer/workspace/failure.js';

/** A server with an optimistic lock, a browser storage, and timers that fire when they are told to. */
function world(files = { 'leave.bpmn': 'one' }) {
  const server = { files: { ...files }, version: 3, down: false, puts: 0, gate: null };
  const kept = new Map();
  const timers = [];
  const ask = async (method, path, body) => {
    if (server.down) throw new RequestFailed(0, {}, 'offline');
    if (method === 'GET') return { files: { ...server.files }, version: server.version };
    server.puts += 1;
    await server.gate;
    if (body.version !== server.version) {
      throw new RequestFailed(409, { who: 'other', version: server.version, detail: 'faster' });
    }
    for (const [name, text] of Object.entries(body.files)) {
      if (text === null) delete server.files[name];
      else server.files[name] = text;
    }
    server.version += 1;
    return { version: server.version };
  };
  const storage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, text) => kept.set(name, text),
    removeItem: (name) => kept.delete(name),
  };
  const open = async () => {
    const draft = new Draft({
      ask,
      key: 'leave',
      storage,
      after: (act) => timers.push(act),
      cancel: (number) => delete timers[number - 1],
    });
    await draft.load();
    return draft;
  };
  const pass = async () => {
    for (const act of timers.splice(0)) await act?.();
  };
  return { server, kept, open, pass };
}

test('an edit is saved a moment later, with the version it was made from', async () => {
  const { server, open, pass } = world();
  const draft = await open();
  draft.edit('leave.bpmn', 'two');
  assert.equal(draft.state, 'changed');
  await pass();
  assert.equal(server.files['leave.bpmn'], 'two');
  assert.deepEqual([draft.state, draft.version, draft.changed.size], ['saved', 4, 0]);
});

test('saves that waited for a slow one do not run into each other', async () => {
  const { server, open } = world();
  const draft = await open();
  let answer;
  server.gate = new Promise((resolve) => (answer = resolve));
  draft.edit('leave.bpmn', 'two');
  const first = draft.save();
  draft.edit('leave.bpmn', 'three');
  const others = [draft.save(), draft.save()];
  answer();
  await Promise.all([first, ...others]);
  assert.deepEqual([draft.state, server.files['leave.bpmn'], server.puts], ['saved', 'three', 2]);
});

test('an edit that is taken back while it is being saved is saved again', async () => {
  const { server, open } = world();
  const draft = await open();
  let answer;
  server.gate = new Promise((resolve) => (answer = resolve));
  draft.edit('leave.bpmn', 'two');
  const saving = draft.save();
  draft.edit('leave.bpmn', 'one');
  answer();
  await saving;
  assert.deepEqual([draft.state, server.files['leave.bpmn'], draft.changed.size], ['saved', 'one', 0]);
});

test('an edit that is taken back is not sent', async () => {
  const { server, open } = world();
  const draft = await open();
  draft.edit('leave.bpmn', 'two');
  draft.edit('leave.bpmn', 'one');
  await draft.save();
  assert.deepEqual([draft.state, server.puts], ['saved', 0]);
});

test('without a connection the text stays in the browser, and is saved when the server is back', async () => {
  const { server, kept, open, pass } = world();
  const draft = await open();
  server.down = true;
  draft.edit('leave.bpmn', 'two');
  await pass();
  assert.equal(draft.state, 'offline');
  assert.deepEqual(JSON.parse(kept.get('duban-draft-leave')), { version: 3, files: { 'leave.bpmn': 'two' } });
  server.down = false;
  await pass();
  assert.equal(draft.state, 'saved');
  assert.equal(server.files['leave.bpmn'], 'two');
  assert.equal(kept.size, 0);
});

test('the second of two tabs is told, and overwrites nothing', async () => {
  const { server, open } = world();
  const [first, second] = [await open(), await open()];
  first.edit('leave.bpmn', 'of the first');
  second.edit('leave.bpmn', 'of the second');
  await first.save();
  await second.save();
  assert.deepEqual([first.state, second.state], ['saved', 'conflict']);
  assert.equal(server.files['leave.bpmn'], 'of the first');
  second.edit('leave.bpmn', 'typed on');
  await second.save();
  assert.equal(server.files['leave.bpmn'], 'of the first');
  assert.equal(second.text('leave.bpmn'), 'typed on');
});

test('a conflict is settled by keeping both: theirs in its place, mine beside it', async () => {
  const { server, open } = world();
  const [first, second] = [await open(), await open()];
  first.edit('leave.bpmn', 'of the first');
  await first.save();
  second.edit('leave.bpmn', 'of the second');
  await second.save();
  await second.keepAsCopies((path, text) => [`copy-of-${path}`, text]);
  assert.deepEqual(server.files, { 'leave.bpmn': 'of the first', 'copy-of-leave.bpmn': 'of the second' });
  assert.equal(second.state, 'saved');
});

test('what is typed while a save is on its way is saved after it', async () => {
  const { server, open } = world();
  const draft = await open();
  draft.edit('leave.bpmn', 'two');
  const saving = draft.save();
  draft.edit('leave.bpmn', 'three');
  await saving;
  await draft.save();
  assert.equal(server.files['leave.bpmn'], 'three');
  assert.equal(draft.state, 'saved');
});

test('a deleted file is gone on the server too', async () => {
  const { server, open } = world({ 'leave.bpmn': 'one', 'old.form': '{}' });
  const draft = await open();
  draft.edit('old.form', null);
  await draft.save();
  assert.deepEqual(Object.keys(server.files), ['leave.bpmn']);
  assert.deepEqual(draft.paths(), ['leave.bpmn']);
});
