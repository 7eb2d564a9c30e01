// The browser reads a meal exactly as the server does: the same JSON, byte for byte.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, readsMeals, signUp, addChild, test } from './parent.js';

// Evaluation data is no part of this project: it is read where it is at hand.
const DATA = new URL('../../../shared/data/bench/', import.meta.url);
const FILES = ['dev_who_meal_metric.csv', 'dev_wweia_meal_metric.csv', 'dev_wweia_meal_natural.csv'];

const OWN = [
  'half a banana, 2 tbsp oatmeal, 60 ml breast milk', '1/2 cup peas and ½ slice of toast with butter',
  'two and a half scrambled eggs', 'a bit of leftover spaghetti bolognese', '120 ml formula', 'honey on toast',
  '30 g whole almonds', 'a glass of apple juice', '3 whole grapes, zorbles and 1 oz cheddar', '900 kg of banana',
  'porridge with blueberries and no sugar', 'x2 rice cakes', '🍌 banana', 'בננה', '', '"; drop table meals; --',
  'Süßkartoffel', 'salmon 40g, 1 tsp olive oil', 'yoghurt '.repeat(60),
];

// The meal is everything before the last four cells; quotes stand around one that has a comma.
function meals(file) {
  const lines = readFileSync(file, 'utf8').split('\n').slice(1).filter(Boolean);
  return lines.map((line) => line.split(',').slice(0, -4).join(',').replace(/^"|"$/g, '').replaceAll('""', '"'));
}

test('browser and server read alike', async ({ page }, info) => {
  test.skip(info.project.name !== 'phone', 'one wasm, one answer: once is enough');
  test.setTimeout(180_000);
  await signUp(page, info);
  await addChild(page, info);
  await page.getByRole('link', { name: 'Log a meal' }).click();
  await readsMeals(page, info);

  const lists = new Map([['our own', OWN]]);
  for (const name of FILES) {
    const file = new URL(name, DATA);
    if (existsSync(file)) lists.set(name, meals(file));
    else console.log(`skipped: ${name} is not here, so browser and server were not compared on it`);
  }
  for (const [months, days, allergies] of [[null, null, ''], [8, 244, 'milk,peanut']]) {
    for (const [name, list] of lists) {
      const flags = months === null ? [] : ['--age-months', String(months), '--allergies', allergies];
      const native = execFileSync(process.env.TINYTUMMY_BIN, ['analyse', ...flags], {
        input: list.map((meal) => `${meal}\n`).join(''), encoding: 'utf8', maxBuffer: 1 << 28,
      }).trimEnd().split('\n');
      const browser = await page.evaluate(async ({ list, days, allergies }) => {
        const { Analyser } = await import(document.querySelector('script[data-module]').dataset.module);
        const file = performance.getEntriesByType('resource').find((entry) => entry.name.includes('/foods/')).name;
        const foods = new Uint8Array(await (await fetch(file)).arrayBuffer());
        const analyser = new Analyser(foods, days ?? undefined, allergies);
        return list.map((meal) => analyser.analyse(meal));
      }, { list, days, allergies });
      expect(browser.length, name).toBe(native.length);
      for (const [line, answer] of native.entries()) {
        expect(browser[line], `${name}, ${JSON.stringify(list[line])}, ${months} months`).toBe(answer);
      }
      expect(JSON.parse(native[0]).items.length, name).toBeGreaterThan(0);
    }
  }
});
