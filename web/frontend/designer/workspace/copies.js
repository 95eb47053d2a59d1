/** Gives a file of a conflict a name of its own, and a diagram's processes ids of their own, so that both can stay. */
export function asCopy(path, text, taken) {
  const dot = path.lastIndexOf('.');
  const [stem, suffix] = [path.slice(0, dot), path.slice(dot)];
  let number = 1;
  const name = () => `${stem}-copy${number > 1 ? number : ''}${suffix}`;
  while (taken.includes(name())) number += 1;
  const mark = `copy${number > 1 ? number : ''}`;
  return [name(), suffix === '.bpmn' ? renameProcesses(text, mark) : text];
}

/** Renames the processes of a diagram, and what in the same file refers to them. */
export function renameProcesses(xml, mark) {
  const ids = [...xml.matchAll(/<(?:\w+:)?process\b[^>]*?\sid="([^"]+)"/g)].map(([, id]) => id);
  return ids.reduce(
    (text, id) =>
      text.replace(
        new RegExp(`(\\s(?:id|bpmnElement|processRef|calledElement)=")${escape(id)}"`, 'g'),
        `$1${id}_${mark}"`,
      ),
    xml,
  );
}

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
