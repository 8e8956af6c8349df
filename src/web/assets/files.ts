// The files of a message that is being written: uploading, which goes on where it was broken off. Loaded on pages where one writes.
import { find } from './islands/dom';
import { FileList } from './islands/files/list';

const area = find('[data-files]');
const form = area?.closest('form');
if (area && form) new FileList(form, area).start();
