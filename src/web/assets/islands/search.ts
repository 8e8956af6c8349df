import { find, findAll, make } from './dom';
import { readPage } from './page';

const ENOUGH = 50;

/** A search looks only so far at a time. This asks on while there is little to see, and shows what is found as it comes. Leaving the page
 * stops it. */
export function enhanceSearch(): void {
	const list = find('.rows.found');
	const state = find('[data-state]');
	const link = find<HTMLAnchorElement>('[data-further]');
	if (!list || !state || !link) return;
	const left = new AbortController();
	addEventListener('pagehide', () => left.abort());
	void lookFurther(list, state, link, left.signal);
}

async function lookFurther(list: HTMLElement, state: HTMLElement, link: HTMLAnchorElement, signal: AbortSignal): Promise<void> {
	link.hidden = true;
	while (!link.dataset.done && findAll('.row', list).length < ENOUGH) {
		const page = await readPage(link.href, { signal });
		if (!page) break; // left, or out of reach: the link goes on from where this got to
		show(list, state, link, page);
	}
	link.hidden = link.dataset.done === 'yes';
}

function show(list: HTMLElement, state: HTMLElement, link: HTMLAnchorElement, page: Document): void {
	list.append(...findAll('.rows.found > .row', page).map(row => document.importNode(row, true)));
	list.hidden = list.childElementCount === 0;
	const next = find<HTMLAnchorElement>('[data-further]', page);
	if (next) link.href = next.getAttribute('href') ?? '';
	else link.dataset.done = 'yes';
	const words = next || !list.hidden ? find('[data-state]', page)?.textContent : state.dataset.nothing;
	state.replaceChildren(make('p', { class: 'soft' }, words ?? ''));
}
