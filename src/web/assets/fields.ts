// Placing the fields of documents to sign. Loaded only there; pdf.js comes by itself (pdfjs.ts).
import { find } from './islands/dom';
import { Editor } from './islands/fields/editor';

const place = find('[data-fields-editor]');
const form = place?.closest('form');
if (form && place) void new Editor(form, place).start();
