import { listen } from './listen.ts';
import { stockApp } from './stock-app.ts';

// The defect to be found: nothing makes spans here.
await listen(stockApp());
