import htmx from 'htmx.org';
import '../css/house.css';
import '../lib/diagrams.js';
import '../lib/dialogs.js';
import '../lib/draft.js';
import '../lib/fold.js';
import '../lib/fresh.js';
import '../lib/keys.js';
import '../lib/mentions.js';
import '../lib/pane.js';
import '../lib/phrases.js';
import '../lib/pictures.js';
import '../lib/rows.js';
import '../lib/signature.js';
import '../lib/ticks.js';
import '../lib/undo.js';
import '../lib/uploads.js';

window.htmx = htmx;
