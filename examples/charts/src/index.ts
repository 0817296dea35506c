export { type Band, type ChartOptions, escapeXml, type LineSeries, lineChart, type Span } from './chart.js';
export { threeDigits } from './scale.js';
