"""WeChat Official Accounts (微信公众号 and 服务号): customer-service messages both ways."""
