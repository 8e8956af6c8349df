import { find, findAll, make } from './dom';

const PAUSE_MS = 600;

/** While an administrator writes a mail: warnings and preview as they type, and placeholders that are put in by a click. */
export function enhanceTexts(): void {
	const form = find<HTMLFormElement>('form[data-text]');
	if (!form) return;
	insertByClick(form);
	checkWhileTyping(form);
}

function insertByClick(form: HTMLFormElement): void {
	const text = find<HTMLTextAreaElement>('#text', form);
	const subject = find<HTMLInputElement>('#subject', form);
	if (!text || !subject) return;
	let last: HTMLTextAreaElement | HTMLInputElement = text;
	for (const field of [text, subject]) field.addEventListener('focus', () => { last = field; });
	for (const code of findAll('[data-fill]', form)) {
		const mark = code.dataset.fill ?? '';
		const button = make('button', { type: 'button', class: 'text-fill', 'aria-label': code.dataset.label ?? mark }, mark);
		button.addEventListener('click', () => {
			last.setRangeText(mark, last.selectionStart ?? last.value.length, last.selectionEnd ?? last.value.length, 'end');
			last.dispatchEvent(new Event('input', { bubbles: true }));
			last.focus();
		});
		code.replaceWith(button);
	}
}

function checkWhileTyping(form: HTMLFormElement): void {
	let timer = 0;
	let running: XMLHttpRequest | null = null;
	form.addEventListener('input', () => {
		clearTimeout(timer);
		timer = window.setTimeout(() => {
			running?.abort();
			running = check(form);
		}, PAUSE_MS);
	});
}

/** The page itself says it, as it would after "Check"; the browser parses it. */
function check(form: HTMLFormElement): XMLHttpRequest {
	const fields = new URLSearchParams();
	for (const [name, value] of new FormData(form)) if (typeof value === 'string') fields.append(name, value);
	fields.append('act', 'check');
	const request = new XMLHttpRequest();
	request.open('POST', form.action);
	request.responseType = 'document';
	request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
	request.onload = () => {
		const told = request.status === 200 && request.responseXML ? find('#told', request.responseXML) : null;
		if (told) find('#told')?.replaceWith(document.importNode(told, true));
	};
	request.send(fields.toString());
	return request;
}
