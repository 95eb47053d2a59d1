/** What people fill in, say and look at in a task, and wherever else it stands; fetched when it is needed. */
import './diagrams.js';
import './draft.js';
import './mentions.js';
import './phrases.js';
import './pictures.js';
import './rows.js';
import './signature.js';
import './ticks.js';
import './uploads.js';
