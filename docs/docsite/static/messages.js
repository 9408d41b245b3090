// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// The search of the page of troubleshooting: a pasted message, with names and numbers in it, finds its entry. Nothing leaves the browser.
"use strict";

function wordsOf(text) {
  return text.toLowerCase().match(/[a-z_][a-z_'-]+/g) || [];
}

// What is filled in may be anything; the words between must occur in their order.
function patternOf(template) {
  const parts = template.split("…").map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+"));
  return new RegExp(parts.filter((part) => part.length > 1).join("[\\s\\S]*?"), "i");
}

function entriesOf(article) {
  const entries = [];
  for (const row of article.querySelectorAll("#the-commonest-messages tbody tr")) {
    const cells = row.querySelectorAll("td");
    entries.push({ text: cells[0].textContent.trim(), cure: cells[1].textContent.trim(), anchor: "#the-commonest-messages", title: "The commonest messages" });
  }
  for (const section of article.querySelectorAll("#all-messages section")) {
    const title = section.querySelector("h3").childNodes[0].textContent;
    const cure = [...section.querySelectorAll("p")].find((p) => p.textContent.startsWith("What to do:"));
    for (const item of section.querySelectorAll("li")) {
      entries.push({ text: item.textContent.trim(), cure: cure ? cure.textContent : "", anchor: "#" + section.id, title });
    }
  }
  return entries;
}

function search(entries, weights, pasted) {
  const given = new Set(wordsOf(pasted));
  const flat = pasted.replace(/\s+/g, " ");
  return entries.map((entry) => {
    const own = [...new Set(wordsOf(entry.text))];
    const common = own.filter((word) => given.has(word)).reduce((sum, word) => sum + weights.get(word), 0);
    const all = own.reduce((sum, word) => sum + weights.get(word), 0);
    const whole = own.length > 1 && patternOf(entry.text).test(flat);
    return { entry, score: all ? (common * common) / all + (whole ? common + 5 : 0) : 0 };
  }).filter((found) => found.score > 1).sort((a, b) => b.score - a.score).slice(0, 5);
}

document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("message-search");
  if (!place) return;
  const entries = entriesOf(document.querySelector("article"));
  const counts = new Map();
  for (const entry of entries) for (const word of new Set(wordsOf(entry.text))) counts.set(word, (counts.get(word) || 0) + 1);
  const weights = new Map([...counts].map(([word, count]) => [word, Math.log(1 + entries.length / count)]));

  const label = document.createElement("label");
  label.textContent = "Paste the message here:";
  const box = document.createElement("textarea");
  box.rows = 3;
  label.append(box);
  const list = document.createElement("ol");
  list.setAttribute("aria-live", "polite");
  place.append(label, list);
  box.addEventListener("input", () => {
    list.replaceChildren(...search(entries, weights, box.value).map(({ entry }) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = entry.anchor;
      link.textContent = entry.title;
      const text = document.createElement("code");
      text.textContent = entry.text;
      const cure = document.createElement("span");
      cure.className = "cure";
      cure.textContent = entry.cure;
      item.append(text, " (", link, ")", cure);
      return item;
    }));
  });
});
