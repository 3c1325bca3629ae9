"use strict";(()=>{console.info("onethread");})();
