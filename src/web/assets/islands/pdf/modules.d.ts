declare module 'pdfjs-dist/legacy/build/pdf.worker.mjs';
declare module 'pdfjs-dist/wasm/openjpeg_nowasm_fallback.js';

interface TrustedScriptURL { toString(): string }
interface Window {
	trustedTypes?: { createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): TrustedScriptURL } };
}
