import type { PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** pdf.js, as it is loaded when a page needs it. */
export type PdfJs = typeof import('../../pdfjs');

/** Where a PDF is, and where the parts of pdf.js are: the data-... of an element. */
export interface PdfSource { pdf: string; pdfjs: string; worker: string; decoder: string; tables: string }

export interface OpenPdf { library: PdfJs; pdf: PDFDocumentProxy }

const RANGE_BYTES = 256 * 1024;

/** One thread takes apart all documents of a page. */
let port: Worker | undefined;
let tables: Promise<Record<string, string>> | undefined;

/** A PasswordException: it is locked. */
export async function openPdf(source: PdfSource): Promise<OpenPdf> {
	const table = (name: string) => readTable(source.tables, name);
	port ??= startWorker(source.worker); // which takes its time meanwhile
	const library = await import(source.pdfjs) as PdfJs;
	const pdf = await library.getDocument({
		url: source.pdf, worker: library.PDFWorker.create({ port }), rangeChunkSize: RANGE_BYTES, disableAutoFetch: true,
		isEvalSupported: false, enableXfa: false, useSystemFonts: false, useWorkerFetch: false,
		useWasm: false, wasmUrl: `${source.decoder}?/`, // to which pdf.js adds the name of a file
		cMapUrl: '/', standardFontDataUrl: '/',
		CMapReaderFactory: class { fetch = async ({ name }: { name: string }) => ({ cMapData: await table(`${name}.bcmap`), isCompressed: true }); },
		StandardFontDataFactory: class { fetch = ({ filename }: { filename: string }) => table(filename); },
	}).promise;
	return { library, pdf };
}

function startWorker(worker: string): Worker {
	// The only script address that is made by a script: under a policy of its own.
	const policy = window.trustedTypes?.createPolicy('pdf-worker', { createScriptURL: address => {
		if (address !== worker) throw new TypeError(address);
		return address;
	} });
	return new Worker((policy ? policy.createScriptURL(worker) : worker) as string, { type: 'module' });
}

/** Fonts and encodings that a PDF takes for granted; each an asset of its own. */
async function readTable(index: string, name: string): Promise<Uint8Array> {
	tables ??= fetch(index).then(response => response.json() as Promise<Record<string, string>>);
	const response = await fetch((await tables)[name] ?? '');
	if (!response.ok) throw new Error(name);
	return new Uint8Array(await response.arrayBuffer());
}
