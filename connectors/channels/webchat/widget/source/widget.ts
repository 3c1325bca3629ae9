export {};
console.info("onethread");
