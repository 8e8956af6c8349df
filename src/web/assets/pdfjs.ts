// pdf.js for the page: what takes part in showing PDFs loads this one, so that a browser has it once.
export { getDocument, PDFWorker, TextLayer } from 'pdfjs-dist/legacy/build/pdf.mjs';
