import { find, findAll } from './dom';
import { readPage } from './page';

const EVERY_MS = 30_000;

/** The first page of administration renews its figures; what somebody has unfolded stays so, and what they stand on is left alone. */
export function renewFigures(): void {
	if (!find('[data-figures]')) return;
	let timer = 0;
	const plan = (): void => {
		clearTimeout(timer);
		if (!document.hidden) timer = window.setTimeout(() => void look().then(plan), EVERY_MS);
	};
	document.addEventListener('visibilitychange', () => {
		if (document.hidden) clearTimeout(timer);
		else void look().then(plan);
	});
	plan();
}

async function look(): Promise<void> {
	const page = await readPage(location.pathname + location.search, { isBackground: true });
	if (page) findAll('[data-figures]').forEach(part => renew(part, page));
}

function renew(part: HTMLElement, page: Document): void {
	const next = find(`[data-figures="${part.dataset.figures ?? ''}"]`, page);
	if (!next || part.contains(document.activeElement)) return;
	const open = findAll<HTMLDetailsElement>('details', part).map(one => one.open);
	const now = document.importNode(next, true);
	findAll<HTMLDetailsElement>('details', now).forEach((one, at) => { one.open = open[at] ?? false; });
	if (now.innerHTML !== part.innerHTML) part.replaceChildren(...now.childNodes);
}
