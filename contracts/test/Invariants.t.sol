// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {HSToken} from "../src/HSToken.sol";
import {Settlement} from "../src/Settlement.sol";
import {Deployed} from "./support/Deployed.sol";
import {Vm} from "./support/Vm.sol";

/// @notice Calls that must never revert, and a model of what they should do that shares no code with the contracts.
contract Handler {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    HSToken private immutable TOKEN;
    Settlement private immutable SETTLEMENT;
    address private immutable SETTLER;
    address private immutable PAUSER;

    address[4] public people = [address(0xAA01), address(0xAA02), address(0xAA03), address(0xAA04)];
    address[3] public providers = [address(0xBB01), address(0xBB02), address(0xBB03)];

    mapping(address => uint256) public modelDeposit;
    mapping(address => uint256) public modelPaid;
    uint256 public modelSupply = 100_000_000e18;
    uint256 public modelTreasury;
    uint256 public jobs;
    /// Settlements that should have been refused and were not.
    uint256 public wrongly;
    bool private paused;

    constructor(HSToken token, Settlement settlement, address settler, address pauser) {
        TOKEN = token;
        SETTLEMENT = settlement;
        SETTLER = settler;
        PAUSER = pauser;
    }

    function deposit(uint256 who, uint256 whom, uint256 amount) external {
        if (paused) return;
        address payer = people[who % 4];
        address client = people[whom % 4];
        amount %= TOKEN.balanceOf(payer) + 1;
        vm.startPrank(payer);
        TOKEN.approve(address(SETTLEMENT), amount);
        SETTLEMENT.depositFor(client, amount);
        vm.stopPrank();
        modelDeposit[client] += amount;
    }

    /// Exits succeed whether paused or not.
    function withdraw(uint256 who, uint256 amount) external {
        address client = people[who % 4];
        amount %= modelDeposit[client] + 1;
        vm.prank(client);
        SETTLEMENT.withdraw(client, amount);
        modelDeposit[client] -= amount;
    }

    function settle(uint256 who, uint256 whom, uint256 amount) external {
        if (paused) return;
        address client = people[who % 4];
        address provider = providers[whom % 3];
        amount %= modelDeposit[client] + 1;
        vm.prank(SETTLER);
        SETTLEMENT.settle(
            Settlement.Job(keccak256(abi.encode("job", jobs++)), client, provider, amount, 1, 1, bytes32(0))
        );
        modelDeposit[client] -= amount;
        uint256 share = amount / 5; // 2,000 basis points
        uint256 room = modelSupply - 20_260_000e18;
        modelSupply -= share > room ? room : share;
        modelTreasury += share > room ? share - room : 0;
        modelPaid[provider] += amount - share;
    }

    /// A job that was settled before, or a caller who is not the settler: refused, whatever else it says.
    function settleWrongly(uint256 which, uint256 who, bool stranger) external {
        if (paused || (jobs == 0 && !stranger)) return;
        bytes32 jobHash = keccak256(abi.encode(stranger ? "other" : "job", stranger ? which : which % jobs));
        vm.prank(stranger ? people[who % 4] : SETTLER);
        try SETTLEMENT.settle(Settlement.Job(jobHash, people[who % 4], providers[0], 0, 1, 1, bytes32(0))) {
            ++wrongly;
        } catch {}
    }

    function burn(uint256 who, uint256 amount) external {
        address holder = people[who % 4];
        uint256 room = modelSupply - 20_260_000e18;
        uint256 held = TOKEN.balanceOf(holder);
        // Sometimes far beyond the floor, where it is clipped.
        amount = room <= held ? amount % (2 * room + 1) : amount % (held + 1);
        vm.prank(holder);
        TOKEN.burnUpTo(amount);
        modelSupply -= amount > room ? room : amount;
    }

    function transfer(uint256 who, uint256 whom, uint256 amount) external {
        address from = people[who % 4];
        amount %= TOKEN.balanceOf(from) + 1;
        vm.prank(from);
        TOKEN.transfer(people[whom % 4], amount);
    }

    function togglePause() external {
        vm.prank(PAUSER);
        if (paused) SETTLEMENT.unpause();
        else SETTLEMENT.pause();
        paused = !paused;
    }
}

contract InvariantsTest is Deployed {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Handler private handler;

    function setUp() public {
        deployAll();
        handler = new Handler(token, settlement, SETTLER, PAUSER);
        for (uint256 i = 0; i < 4; ++i) {
            token.transfer(handler.people(i), 25_000_000e18);
        }
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](7);
        selectors[0] = Handler.deposit.selector;
        selectors[1] = Handler.withdraw.selector;
        selectors[2] = Handler.settle.selector;
        selectors[3] = Handler.burn.selector;
        selectors[4] = Handler.transfer.selector;
        selectors[5] = Handler.togglePause.selector;
        selectors[6] = Handler.settleWrongly.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), selectors);
    }

    function invariant_supplyAndBurntAre100MillionAndTheFloorHolds() public view {
        equal("supply + burnt", token.totalSupply() + token.totalBurned(), 100_000_000e18);
        isTrue("floor", token.totalSupply() >= 20_260_000e18);
        equal("model", token.totalSupply(), handler.modelSupply());
    }

    function invariant_eachJobOnceAndByTheSettlerOnly() public view {
        equal("wrongly settled", handler.wrongly(), 0);
    }

    function invariant_liabilitiesAreCovered() public view {
        uint256 owed;
        for (uint256 i = 0; i < 4; ++i) {
            address client = handler.people(i);
            equal("deposit", settlement.depositOf(client), handler.modelDeposit(client));
            owed += settlement.depositOf(client);
        }
        equal("sum of deposits", settlement.totalDeposits(), owed);
        isTrue("liabilities <= balance", owed <= token.balanceOf(address(settlement)));
    }

    function invariant_providersAndTreasuryGetWhatTheModelSays() public view {
        for (uint256 i = 0; i < 3; ++i) {
            equal("paid", token.balanceOf(handler.providers(i)), handler.modelPaid(handler.providers(i)));
        }
        equal("treasury", token.balanceOf(TREASURY), handler.modelTreasury());
    }
}
