import { render } from 'preact';

import { App } from './app.tsx';
import { live } from './live.ts';
import { followLinks } from './location.ts';

const page = document.getElementById('page');
if (page === null) throw new Error('index.html has no element #page');
followLinks();
live.start();
render(<App />, page);
