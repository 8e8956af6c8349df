// Shows a PDF page by page. Loaded only where there is one; its worker and its decoder are assets of their own.
import { find } from './islands/dom';
import { PdfView } from './islands/pdf/view';

const place = find('[data-pdf]');
if (place) void new PdfView(place).start();
