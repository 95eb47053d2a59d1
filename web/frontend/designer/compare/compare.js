import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/diagram-js.css';
import '../bpmn/bpmn.css';
import './compare.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { withDrawing } from '../bpmn/drawn.js';
import { diagramTheme, fit } from '../bpmn/theme.js';
import { followFingers } from '../../lib/fingers.js';
import { el } from '../workspace/dom.js';
import { t } from '../words/text.js';
import { changedElements } from './differ.js';

const NAMES = { added: t('新增的'), removed: t('删除的'), changed: t('修改的'), moved: t('移动的') };

/**
 * Two states of a package side by side: their diagrams drawn and moved together, with colours, and every change as a
 * sentence that leads to its place. `compared` is the answer of `GET compare`.
 */
export async function showComparison(root, compared) {
  const paths = [...new Set([...Object.keys(compared.from.files), ...Object.keys(compared.to.files)])].sort();
  const diagrams = paths.filter((path) => path.endsWith('.bpmn'));
  const first = diagrams.find((path) => compared.changes.some((one) => one.path === path)) ?? diagrams[0];
  const stage = el('div', { class: 'compare-stage' });
  const choose = el(
    'select',
    { class: 'form-select form-select-sm', 'aria-label': t('流程图'), onchange: () => draw(choose.value) },
    diagrams.map((path) => el('option', { value: path }, path)),
  );
  choose.value = first;
  root.replaceChildren(
    el(
      'div',
      { class: 'compare' },
      el('div', { class: 'compare-head' }, choose, legend()),
      stage,
      el('aside', { class: 'compare-list', 'aria-label': t('变化') }, sentences(compared.changes, jump)),
    ),
  );
  let sides = null;

  async function draw(path) {
    sides?.leave();
    sides = first ? await drawSides(stage, compared, path) : null;
  }

  async function jump({ path, element }) {
    if (diagrams.includes(path) && path !== choose.value) {
      choose.value = path;
      await draw(path);
    }
    sides?.jump(element);
  }

  await draw(first);
  return () => sides?.leave();
}

function legend() {
  return el(
    'span',
    { class: 'legend' },
    Object.entries(NAMES).map(([kind, words]) => el('span', { class: `legend-${kind}` }, words)),
  );
}

function sentences(changes, jump) {
  if (!changes.length) return el('p', { class: 'blank' }, t('两个版本相同。'));
  return el(
    'ul',
    {},
    changes.map((one) =>
      el(
        'li',
        {},
        el('span', { class: `legend-${one.kind}` }, NAMES[one.kind]),
        el('button', { type: 'button', class: 'where', onclick: () => jump(one) }, one.words),
        el('small', {}, one.path),
      ),
    ),
  );
}

async function drawSides(stage, compared, path) {
  const [from, to] = [compared.from, compared.to].map((one) => ({ label: one.label, xml: one.files[path] }));
  const marks = from.xml && to.xml ? await changedElements(from.xml, to.xml) : null;
  stage.replaceChildren();
  const viewers = [];
  for (const [side, { label, xml }] of [from, to].entries()) {
    const canvas = el('div', { class: 'canvas bio-theme-parent' });
    stage.append(el('figure', {}, el('figcaption', {}, label), canvas));
    if (!xml) {
      canvas.append(el('p', { class: 'blank' }, t('这个版本里没有这张图。')));
      continue;
    }
    const viewer = new NavigatedViewer({ container: canvas, ...diagramTheme() });
    followFingers(viewer.get('canvas'));
    await viewer.importXML(await withDrawing(xml));
    fit(viewer.get('canvas'), 0, { small: true });
    if (marks) colour(viewer, marks, side ? 'added' : 'removed');
    viewers.push(viewer);
  }
  const stop = viewers.length === 2 ? moveTogether(...viewers) : () => {};
  return {
    jump(id) {
      for (const viewer of viewers) {
        const element = viewer.get('elementRegistry').get(id);
        if (element) centre(viewer, element);
      }
    },
    leave() {
      stop();
      for (const viewer of viewers) viewer.destroy();
    },
  };
}

function colour(viewer, marks, own) {
  const canvas = viewer.get('canvas');
  const elements = viewer.get('elementRegistry');
  for (const kind of [own, 'changed', 'moved']) {
    for (const id of marks[kind]) if (elements.get(id)) canvas.addMarker(id, `diff-${kind}`);
  }
}

function centre(viewer, element) {
  const canvas = viewer.get('canvas');
  const { outer, scale } = canvas.viewbox();
  const at = element.waypoints ? element.waypoints[Math.floor(element.waypoints.length / 2)] : element;
  const [width, height] = [outer.width / scale, outer.height / scale];
  canvas.viewbox({
    x: at.x + (element.width ?? 0) / 2 - width / 2,
    y: at.y + (element.height ?? 0) / 2 - height / 2,
    width,
    height,
  });
}

function moveTogether(one, other) {
  let following = false;
  const follow = (leader, follower) => () => {
    if (following) return;
    following = true;
    const { x, y, width, height } = leader.get('canvas').viewbox();
    follower.get('canvas').viewbox({ x, y, width, height });
    following = false;
  };
  const [there, back] = [follow(one, other), follow(other, one)];
  one.on('canvas.viewbox.changed', there);
  other.on('canvas.viewbox.changed', back);
  return () => {
    one.off('canvas.viewbox.changed', there);
    other.off('canvas.viewbox.changed', back);
  };
}
