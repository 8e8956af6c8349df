// Decodes JPEG 2000 pictures, as scanners put them into PDFs. Without WebAssembly, which would need 'wasm-unsafe-eval'.
export { default } from 'pdfjs-dist/wasm/openjpeg_nowasm_fallback.js';
