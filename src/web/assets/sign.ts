// Signing: the pages of the documents with the fields on them, and a walk from field to field. Loaded only there and where one keeps
// a signature of one's own; the form does as well without it.
import { find, findAll } from './islands/dom';
import { keepOwn } from './islands/sign/own';
import { Walk } from './islands/sign/walk';

const page = find('[data-sign-page]');
if (page) new Walk(page).start();
findAll<HTMLFormElement>('[data-own-signature]').forEach(keepOwn);
