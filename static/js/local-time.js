// <time datetime="...T...Z">: pages say UTC; the reader's own time is one hover away.
const style = { dateStyle: "full", timeStyle: "long" };

for (const time of document.querySelectorAll("time[datetime*='T']")) {
  time.title = new Date(time.dateTime).toLocaleString(undefined, style);
}
