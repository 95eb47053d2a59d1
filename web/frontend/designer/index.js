import './designer.css';
import { island } from '../lib/islands.js';
import { Workspace } from './workspace/workspace.js';

island('designer', (root) => {
  const workspace = new Workspace(root);
  workspace.begin();
  return () => workspace.leave();
});
